# SPDX-License-Identifier: LGPL-3.0-or-later
# Completion of gimp-gan for fish.

function __gimp_gan_models
    gimp-gan models 2>/dev/null | awk '
        NR == 1 { end = index($0, "TASK"); next }
        end && !/ cannot be used: / { name = substr($0, 1, end - 1); sub(/ +$/, "", name); print name }'
end

function __gimp_gan_verb
    __fish_seen_subcommand_from $argv
end

set -l verbs upscale info import models evaluate generate prepare train bench doctor
complete -c gimp-gan -n "not __fish_seen_subcommand_from $verbs" -f
complete -c gimp-gan -n "not __fish_seen_subcommand_from $verbs" -a upscale -d 'Enlarge pictures'
complete -c gimp-gan -n "not __fish_seen_subcommand_from $verbs" -a info -d 'Say everything about a weight file'
complete -c gimp-gan -n "not __fish_seen_subcommand_from $verbs" -a import -d 'Convert weight files to safetensors'
complete -c gimp-gan -n "not __fish_seen_subcommand_from $verbs" -a models -d 'List the weight files of this machine'
complete -c gimp-gan -n "not __fish_seen_subcommand_from $verbs" -a evaluate -d 'Measure PSNR and SSIM'
complete -c gimp-gan -n "not __fish_seen_subcommand_from $verbs" -a generate -d 'Make pictures out of random numbers'
complete -c gimp-gan -n "not __fish_seen_subcommand_from $verbs" -a train -d 'Train a network by a recipe'
complete -c gimp-gan -n "not __fish_seen_subcommand_from $verbs" -a prepare -d 'Make training data ready'
complete -c gimp-gan -n "not __fish_seen_subcommand_from $verbs" -a bench -d 'Time a network alone'
complete -c gimp-gan -n "not __fish_seen_subcommand_from $verbs" -a doctor -d 'Say what works here'
complete -c gimp-gan -n "not __fish_seen_subcommand_from $verbs" -l version -d 'Show the version'
complete -c gimp-gan -s h -l help -d 'Show help'

complete -c gimp-gan -n "__gimp_gan_verb $verbs" -l json -d 'Print JSON'
complete -c gimp-gan -n '__gimp_gan_verb upscale info models evaluate generate bench doctor' -l models -x -a '(__fish_complete_directories)' -d 'Look for models here first'
complete -c gimp-gan -n '__gimp_gan_verb upscale info evaluate generate train bench' -l device -x -a 'auto cpu cuda' -d 'Where to compute'
complete -c gimp-gan -n '__gimp_gan_verb upscale info evaluate generate train bench' -l threads -x -d 'Processor threads'
complete -c gimp-gan -n '__gimp_gan_verb upscale info evaluate' -l memory -x -d 'Memory to stay within'
complete -c gimp-gan -n '__gimp_gan_verb info evaluate generate bench' -a '(__gimp_gan_models)' -d Model

complete -c gimp-gan -n '__gimp_gan_verb upscale' -s o -l output -r -F -d 'File or folder of the results'
complete -c gimp-gan -n '__gimp_gan_verb upscale' -s t -l template -x -d 'Names of the results'
complete -c gimp-gan -n '__gimp_gan_verb upscale' -s m -l model -r -F -a '(__gimp_gan_models)' -d Model
complete -c gimp-gan -n '__gimp_gan_verb upscale' -s s -l scale -x -d 'Factor from 0.5 to 16'
complete -c gimp-gan -n '__gimp_gan_verb upscale' -l to -x -d 'Exact size, WIDTHxHEIGHT'
complete -c gimp-gan -n '__gimp_gan_verb upscale' -l blend -x -d 'Interpolate two models, A:B:T'
complete -c gimp-gan -n '__gimp_gan_verb upscale' -s f -l format -x -a 'png jpg tif webp exr' -d 'Format of the results'
complete -c gimp-gan -n '__gimp_gan_verb upscale' -l quality -x -d 'Quality of JPEG and WebP'
complete -c gimp-gan -n '__gimp_gan_verb upscale' -l overwrite -d 'Do again what is done'
complete -c gimp-gan -n '__gimp_gan_verb upscale' -s n -l dry-run -d 'Only say what would be done'
complete -c gimp-gan -n '__gimp_gan_verb upscale' -s r -l recursive -d 'Enter the folders inside folders'
complete -c gimp-gan -n '__gimp_gan_verb upscale' -s q -l quiet -d 'Print errors only'

complete -c gimp-gan -n '__gimp_gan_verb info bench' -l size -x -d 'Size, WIDTHxHEIGHT'

complete -c gimp-gan -n '__gimp_gan_verb import' -s o -l output -x -a '(__fish_complete_directories)' -d 'Folder to write into'
complete -c gimp-gan -n '__gimp_gan_verb import' -l dtype -x -a 'f32 f16 bf16' -d 'Type to store'
complete -c gimp-gan -n '__gimp_gan_verb import' -l name -x -d 'Name of the model'
complete -c gimp-gan -n '__gimp_gan_verb import' -l licence -x -d 'Licence to note'
complete -c gimp-gan -n '__gimp_gan_verb import' -l activation -x -a 'relu leakyrelu' -d 'Of SRVGGNetCompact'
complete -c gimp-gan -n '__gimp_gan_verb import' -l residual-scale -x -d 'Of EDSR'
complete -c gimp-gan -n '__gimp_gan_verb import' -l scale -x -d 'Of an old RRDBNet'
complete -c gimp-gan -n '__gimp_gan_verb import' -l overwrite -d 'Replace a model of the same name'

complete -c gimp-gan -n '__gimp_gan_verb evaluate' -s d -l data -x -a '(__fish_complete_directories)' -d 'Folder of originals'
complete -c gimp-gan -n '__gimp_gan_verb evaluate' -s s -l scale -x -d 'Scale to measure'
complete -c gimp-gan -n '__gimp_gan_verb evaluate' -l limit -x -d 'First pictures only'
complete -c gimp-gan -n '__gimp_gan_verb evaluate' -l ready -x -a '(__fish_complete_directories)' -d 'Folder of ready results'
complete -c gimp-gan -n '__gimp_gan_verb evaluate' -l features -r -d 'VGG or SqueezeNet to measure with'
complete -c gimp-gan -n '__gimp_gan_verb evaluate' -l feature-layer -x -d 'Layer of that network'

complete -c gimp-gan -n '__gimp_gan_verb generate' -s o -l output -r -F -d 'Grid or folder of single files'
complete -c gimp-gan -n '__gimp_gan_verb generate' -s c -l count -x -d 'How many pictures'
complete -c gimp-gan -n '__gimp_gan_verb generate' -s s -l seed -x -d 'Seed of the first'
complete -c gimp-gan -n '__gimp_gan_verb generate' -l to -x -d 'Go to the picture of this seed'
complete -c gimp-gan -n '__gimp_gan_verb generate' -l class -x -d 'Name or number of the class'
complete -c gimp-gan -n '__gimp_gan_verb generate' -l columns -x -d 'Pictures in a row of the grid'
complete -c gimp-gan -n '__gimp_gan_verb generate' -s q -l quiet -d 'Say errors only'

complete -c gimp-gan -n '__gimp_gan_verb train' -s d -l data -r -F -d 'Pictures, or a prepared file'
complete -c gimp-gan -n '__gimp_gan_verb train' -s o -l output -x -a '(__fish_complete_directories)' -d 'Write into this folder'
complete -c gimp-gan -n '__gimp_gan_verb train' -l set -x -d 'Replace a setting, section.key=value'
complete -c gimp-gan -n '__gimp_gan_verb train' -l resume -d 'Go on with the run'
complete -c gimp-gan -n '__gimp_gan_verb train' -s n -l dry-run -d 'Only say what would be trained'
complete -c gimp-gan -n '__gimp_gan_verb train' -s q -l quiet -d 'Say errors and notices only'

complete -c gimp-gan -n '__gimp_gan_verb prepare' -s o -l output -r -F -d 'File of the data'
complete -c gimp-gan -n '__gimp_gan_verb prepare' -s k -l kind -x -a 'pictures pairs unpaired classes' -d 'What the data is'
complete -c gimp-gan -n '__gimp_gan_verb prepare' -s t -l tile -x -d 'Side of the tiles'
complete -c gimp-gan -n '__gimp_gan_verb prepare' -s s -l scale -x -d 'How much larger targets are'
complete -c gimp-gan -n '__gimp_gan_verb prepare' -l resize -x -d 'Shorter side after shrinking'
complete -c gimp-gan -n '__gimp_gan_verb prepare' -l least -x -d 'Shortest side that is taken'
complete -c gimp-gan -n '__gimp_gan_verb prepare' -l sharpness -x -d 'Least variance of the Laplacian'
complete -c gimp-gan -n '__gimp_gan_verb prepare' -l near -x -d 'Bits by which doubles differ'
complete -c gimp-gan -n '__gimp_gan_verb prepare' -l grey -d 'Keep the brightness only'
complete -c gimp-gan -n '__gimp_gan_verb prepare' -s q -l quiet -d 'Say errors only'

complete -c gimp-gan -n '__gimp_gan_verb bench' -l runs -x -d 'How often to run'
complete -c gimp-gan -n '__gimp_gan_verb bench' -l input-raw -r -F -d 'Input, float32'
complete -c gimp-gan -n '__gimp_gan_verb bench' -l output-raw -r -F -d 'Output, float32'
