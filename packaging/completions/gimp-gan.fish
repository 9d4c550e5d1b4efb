# SPDX-License-Identifier: LGPL-3.0-or-later
# Completion of gimp-gan for fish. Verbs, options and what they take are asked of the program itself.

function __gimp_gan_models
    gimp-gan models 2>/dev/null | awk '
        NR == 1 { end = index($0, "TASK"); next }
        end && !/ cannot be used: / { name = substr($0, 1, end - 1); sub(/ +$/, "", name); print name }'
end

function __gimp_gan_recipes
    set -l shared (string split : -- "$XDG_DATA_DIRS")
    test -n "$shared"; or set shared /usr/local/share /usr/share
    set -l own $XDG_DATA_HOME
    test -n "$own"; or set own ~/.local/share
    for folder in $own $shared
        for file in $folder/gimp-gan/recipes/*.ini
            basename $file .ini
        end
    end
end

function __gimp_gan_verb
    __fish_seen_subcommand_from $argv
end

# Prints how `complete` is told of what the program's help calls $argv[1], one word a line.
function __gimp_gan_value
    switch $argv[1]
        case FOLDER
            printf '%s\n' -x -a '(__fish_complete_directories)'
        case 'NAME|FILE'
            printf '%s\n' -r -F -a '(__gimp_gan_models)'
        case RECIPE
            printf '%s\n' -r -F -a '(__gimp_gan_recipes)'
        case '*FILE*' PATH
            printf '%s\n' -r -F
        case '*|*'
            printf '%s\n' -x -a (string replace -a '|' ' ' -- $argv[1])
        case '*'
            echo -x
    end
end

function __gimp_gan_define
    set -l verbs (gimp-gan --help 2>/dev/null | awk '/^Verbs:/ { on = 1; next } !NF { on = 0 } on { print $1 }')
    set -l none "not __gimp_gan_verb $verbs"
    complete -c gimp-gan -f
    complete -c gimp-gan -n $none -s V -l version -d 'Show the version'
    complete -c gimp-gan -n $none -s h -l help -d 'Show the verbs'
    for verb in $verbs
        set -l text (gimp-gan --help | string match -rg "^  $verb +(.*)")
        complete -c gimp-gan -n $none -a $verb -d $text
        for line in (LC_ALL=C.UTF-8 gimp-gan $verb --help 2>/dev/null)
            set -l argument (string match -rg '^  gimp-gan [a-z]+ \[OPTION…\] \[?([^] …]+)' -- $line)
            if test -n "$argument"
                set -l value (__gimp_gan_value $argument)
                # Arguments are no option's, which alone can require (-r) or exclude (-x).
                set value (string match -v -- -r $value | string replace -- -x -f)
                complete -c gimp-gan -n "__gimp_gan_verb $verb" $value
                continue
            end
            set -l short (string match -rg '^  -(.), ' -- $line)
            set -l long (string match -rg '^  (?:-., )?--([^= ]+)' -- $line); or continue
            set -l value (string match -rg '^  (?:-., )?--[^= ]+=(\S+)' -- $line)
            set -l text (string match -rg '^  (?:-., )?--\S+ +(.*)' -- $line)
            set -l words -l $long
            test -z "$short"; or set -a words -s $short
            test -z "$value"; or set -a words (__gimp_gan_value $value)
            complete -c gimp-gan -n "__gimp_gan_verb $verb" $words -d $text
        end
    end
end
__gimp_gan_define
functions -e __gimp_gan_define __gimp_gan_value
