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
    {"StyleGAN2", {"mapping.fc0.weight", "synthesis.*"}},
    {"StyleGAN2", {"style.1.weight", "input.input", "to_rgb1.bias"}},
    {"StyleGAN2", {"style_mlp.1.weight", "constant_input.weight"}},
    {"U-GAT-IT", {"DownBlock.*", "gap_fc.weight"}},
    {"CartoonGAN", {"conv01_1.weight", "in01_1.scale"}},
    {"CUT", {"model.*.filt"}},
    {"MicroAST", {"enc1.*.conv_layer.weight"}},
    {"MicroAST", {"dec1.*.conv_layer.weight"}},
    {"MSG-Net", {"ins.weight"}},
    {"RIFE", {"block0.conv0.0.0.weight"}},
    {"Stable Diffusion", {"model.diffusion_model.*"}},
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
