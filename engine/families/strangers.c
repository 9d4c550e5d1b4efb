// SPDX-License-Identifier: LGPL-3.0-or-later
// Networks that people publish and that are no family here, told by names of their tensors, so that
// who tries one learns what it is.
// Source: the authors' code of each, and the keys that spandrel, BasicSR, neosr and traiNNer-redux
// write.
#include "family.h"

#include <string.h>

#define MOST_PATTERNS 3

// A name stands for each pattern; '*' is any text. The first row counts whose patterns all occur, so
// that relatives stand before what they come from.
static const struct {
    const char *title, *patterns[MOST_PATTERNS];
} STRANGERS[] = {
    // Transformers that enlarge
    {"DAT", {"before_RG.1.weight", "layers.*.blocks.*.attn.channel_interaction.*"}},
    {"RGT", {"before_RG.1.weight", "layers.*.blocks.*.gamma"}},
    {"CAT", {"before_RG.1.weight", "layers.*.blocks.*"}},
    {"ATD", {"layers.*.residual_group.layers.*.attn_atd.*"}},
    {"HMA", {"*.grid_attn.*", "*.window_attn_s.*"}},
    {"GRL", {"layers.*.blocks.*.attn.stripe_attn.*"}},
    {"DRCT", {"layers.*.swin1.*", "layers.*.adjust1.weight"}},
    {"HAT", {"layers.*.residual_group.overlap_attn.*"}},
    {"CRAFT", {"layers.*.residual_group.hf_blocks.*"}},
    {"SRFormer", {"layers.*.residual_group.blocks.*.attn.aligned_relative_position_index"}},
    {"HiT-SR", {"layers.*.blocks.*.correlation.*"}},
    {"AdaCode", {"weight_predictor.*", "multiscale_encoder.*"}},
    {"FeMaSR", {"multiscale_encoder.in_conv.weight"}},
    {"Swin2SR", {"layers.*.residual_group.blocks.*.attn.cpb_mlp.*"}},
    {"SwinIR", {"layers.*.residual_group.blocks.*.attn.relative_position_bias_table"}},
    {"OmniSR", {"residual_layer.*.residual_layer.*"}},
    {"DITN", {"UFONE.*.ITLs.*"}},
    {"DCTLSA", {"B1.body.*.transformer_body.*"}},
    {"FDAT", {"groups.*.blocks.*.inter.cg.*"}},
    {"LMLT", {"feats.*.lhsb.*"}},
    {"ESC", {"*.pconvs.*.plk.*"}},
    {"MambaIRv2", {"layers.*.residual_group.layers.*.assm.*"}},
    {"MambaIR", {"layers.*.residual_group.blocks.*.self_attention.A_logs"}},
    {"waifu2x SwinUNet", {"unet.swin1.*", "unet.to_image.*"}},
    {"LIIF", {"imnet.layers.0.weight"}},
    {"IPT", {"body.encoder.layers.*", "body.decoder.layers.*"}},
    {"AuraSR", {"mid_attn.layers.*", "final_res_block.*"}},
    // Convolutional ones
    {"RealPLKSR", {"feats.*.lk.*", "feats.*.norm.weight"}},
    {"PLKSR", {"feats.*.lk.*", "feats.*.refine.weight"}},
    {"MoSRv2", {"gblocks.*.conv.dwconv_hw.weight"}},
    {"MoSR", {"gblocks.*.fc1.weight"}},
    {"MoESR", {"blocks.*.blocks.*.conv.dwconv_hw.weight"}},
    {"RTMoSR", {"body.*.fc1.conv_3x3_rep.weight"}},
    {"RTMoSR", {"body.*.conv5x5_reparam.weight"}},
    {"GateR", {"gater_encode.*"}},
    {"SPANPlus", {"feats.*.block_1.c1_r.*"}},
    {"MAN", {"body.*.LKA.LKA3.0.weight"}},
    {"SAFMN BCIE", {"feats.*.layers.*.safm.*"}},
    {"SAFMN", {"feats.*.safm.*"}},
    {"SeemoRe", {"body.*.local_block.*", "body.*.global_block.*"}},
    {"RCAN", {"body.*.body.*.body.*.conv_du.0.weight"}},
    {"RCAN", {"body.*.residual_group.*.rcab.*"}},
    {"Swift-SRGAN", {"initial.cnn.depthwise.weight"}},
    {"Real-CUGAN", {"unet1.conv_bottom.weight", "unet2.conv_bottom.weight"}},
    {"MM-RealSR", {"am_list.*", "de_net.*"}},
    {"SPSR", {"b_fea_conv.weight", "f_block.*"}},
    {"RLFN", {"block_1.c1_r.weight", "block_1.esa.*"}},
    {"RFDN", {"B1.c1_d.weight", "B1.esa.*"}},
    {"IMDN", {"IMDB1.*"}},
    {"RDN", {"SFENet1.weight", "RDBs.*"}},
    {"PAN", {"SCPA_trunk.*"}},
    {"FSRCNN", {"first_part.0.weight", "mid_part.*", "last_part.weight"}},
    {"CARN", {"entry.weight", "b1.b1.body.0.weight", "exit.weight"}},
    {"DBPN", {"feat0.conv.weight", "up1.up_conv1.deconv.weight"}},
    {"VDSR", {"residual_layer.0.conv.weight", "input.weight", "output.weight"}},
    {"USRNet", {"p.m_head.weight", "h.mlp.0.weight"}},
    {"VRT", {"stage1.residual_group1.blocks.*"}},
    {"BasicVSR", {"basicvsr.spynet.*"}},
    {"BasicVSR", {"spynet.basic_module.*"}},
    {"EDVR", {"pcd_align.*"}},
    // Those that restore
    {"KBNet", {"encoders.*.attgamma"}},
    {"KBNet", {"encoder_level*.ffn.qkv.weight", "refinement.*"}},
    {"M3SNet", {"middle_blks.*.temperature", "encoders.*.sca.1.weight"}},
    {"NAFNet", {"intro.weight", "ending.weight", "*.sca.1.weight"}},
    {"FFTformer", {"encoder_level1.*.ffn.fft"}},
    {"PromptIR", {"encoder_level1.*.attn.qkv_dwconv.weight", "prompt1.*"}},
    {"Restormer", {"encoder_level1.*.attn.qkv_dwconv.weight"}},
    {"MPRNet", {"stage1_encoder.*"}},
    {"MIRNet-v2", {"body.*.dau_top.*"}},
    {"SCUNet", {"m_head.0.weight", "m_body.*.trans_block.*"}},
    {"SCUNet", {"m_head.0.weight", "m_tail.0.weight"}},
    {"Uformer", {"encoderlayer_0.blocks.*", "output_proj.proj.0.weight"}},
    {"HVI-CIDNet", {"HVE_block0.*"}},
    {"DeblurGAN-v2", {"fpn.*", "head1.block0.weight", "final.weight"}},
    {"Retinexformer", {"body.*.denoiser.*", "body.*.estimator.*"}},
    {"MixDehazeNet", {"layer1.blocks.*.conv3_19.weight"}},
    // Faces and colours
    {"GFPGAN", {"stylegan_decoder*", "final_linear.weight"}},
    {"CodeFormer", {"idx_pred_layer.1.weight", "ft_layers.*"}},
    {"RestoreFormer",
     {"quantize.embedding.weight", "encoder.conv_in.weight", "decoder.conv_out.weight"}},
    {"DDColor", {"refine_net.*", "encoder.arch.*"}},
    // Those that fill holes, make pictures up or change their style
    {"LaMa", {"*.ffc.convl2l.weight"}},
    {"LaMa", {"model.*.bn_l.running_mean"}},
    {"MAT", {"synthesis.first_stage.*"}},
    {"MI-GAN", {"encoder.b*.conv1.conv1.weight", "synthesis.b*.torgb.weight"}},
    {"AOT-GAN", {"middle.*.block00.1.weight"}},
    {"StyleGAN3", {"mapping.fc0.weight", "synthesis.input.*"}},
    {"StyleGAN2", {"mapping.fc0.weight", "synthesis.*"}},
    {"StyleGAN2", {"style.1.weight", "input.input", "to_rgb1.bias"}},
    {"StyleGAN2", {"style_mlp.1.weight", "constant_input.weight"}},
    {"U-GAT-IT", {"DownBlock.*", "gap_fc.weight"}},
    {"CartoonGAN", {"conv01_1.weight", "in01_1.scale"}},
    {"CUT", {"model.*.filt"}},
    {"pix2pixHD", {"model1_1.*"}},
    {"SPADE", {"head_0.*", "up_0.norm_0.mlp_shared.0.weight"}},
    {"MicroAST", {"enc1.*.conv_layer.weight"}},
    {"MicroAST", {"dec1.*.conv_layer.weight"}},
    {"MSG-Net", {"ins.weight"}},
    {"RIFE", {"block0.conv0.0.0.weight"}},
    {"Stable Diffusion", {"model.diffusion_model.*"}},
    {"Stable Diffusion", {"time_embedding.linear_1.weight", "down_blocks.*"}},
    {"Stable Diffusion", {"encoder.mid.attn_1.q.weight", "post_quant_conv.weight"}},
    {"LoRA", {"lora_unet_*"}},
    {"LoRA", {"*.lora_A.weight"}},
    {"ControlNet", {"control_model.*"}},
    {"FLUX", {"double_blocks.*.img_attn.*"}},
    // What sees and reads
    {"CLIP", {"text_model.encoder.layers.*"}},
    {"CLIP", {"transformer.resblocks.*", "token_embedding.weight"}},
    {"language", {"model.layers.*.self_attn.q_proj.weight"}},
    {"Segment Anything", {"image_encoder.blocks.*", "mask_decoder.*"}},
    {"U2-Net", {"stage1.rebnconvin.conv_s1.weight"}},
    {"YOLO", {"model.*.dfl.conv.weight"}},
    {"BiSeNet", {"cp.resnet.conv1.weight"}},
    {"LPIPS", {"lin0.model.1.weight"}},
    {"ResNet", {"layer1.0.conv1.weight", "fc.weight"}},
    {"Inception", {"Mixed_5b.branch1x1.conv.weight"}},
    {"VGG", {"features.0.weight", "classifier.0.weight"}},
};

static gboolean occurs(const GanWeights *weights, const char *pattern)
{
    if (strchr(pattern, '*') == NULL)
        return gan_weights_find(weights, pattern) != NULL;
    g_autoptr(GPatternSpec) spec = g_pattern_spec_new(pattern);
    for (guint i = 0; i < gan_weights_n_entries(weights); i++)
        if (g_pattern_spec_match_string(spec, gan_weights_entry(weights, i)->name))
            return TRUE;
    return FALSE;
}

// What critics of BasicSR, KAIR and their kin have; the others end in one plane by a kernel of 4 x 4.
static const char *const CRITICS[][2] = {{"conv1.weight_orig", "conv9.weight"},
                                         {"conv0_0.weight", "linear2.weight"},
                                         {"features.0.weight", "classifier.2.weight"}};

gboolean gan_stranger_is_critic(const GanWeights *weights)
{
    for (guint i = 0; i < G_N_ELEMENTS(CRITICS); i++)
        if (occurs(weights, CRITICS[i][0]) && occurs(weights, CRITICS[i][1]))
            return TRUE;
    const GanWeightsEntry *last = NULL;
    for (guint i = 0; i < gan_weights_n_entries(weights); i++)
        if (gan_weights_entry(weights, i)->rank == 4)
            last = gan_weights_entry(weights, i);
    return last != NULL && last->shape[0] == 1 && last->shape[1] > 1 && last->shape[2] == 4 &&
           last->shape[3] == 4;
}

const char *gan_stranger(const GanWeights *weights)
{
    for (guint i = 0; i < G_N_ELEMENTS(STRANGERS); i++) {
        gboolean all = TRUE;
        for (guint k = 0; all && k < MOST_PATTERNS && STRANGERS[i].patterns[k] != NULL; k++)
            all = occurs(weights, STRANGERS[i].patterns[k]);
        if (all)
            return STRANGERS[i].title;
    }
    return NULL;
}
