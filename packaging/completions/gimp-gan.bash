# SPDX-License-Identifier: LGPL-3.0-or-later
# Completion of gimp-gan for bash.

# Prints the names of the usable models, one a line.
_gimp_gan_models() {
    gimp-gan models 2>/dev/null | awk '
        NR == 1 { end = index($0, "TASK"); next }
        end && !/ cannot be used: / { name = substr($0, 1, end - 1); sub(/ +$/, "", name); print name }'
}

# Prints the names of the recipes, one a line.
_gimp_gan_recipes() {
    local folder file IFS=:
    for folder in ${XDG_DATA_HOME:-$HOME/.local/share} ${XDG_DATA_DIRS:-/usr/local/share:/usr/share}; do
        for file in "$folder"/gimp-gan/recipes/*.ini; do
            [[ ! -e $file ]] || basename "$file" .ini
        done
    done
}

# Puts the words of $1 (one a line) that begin with the current word into COMPREPLY.
_gimp_gan_words() {
    local IFS=$'\n'
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current")
}

_gimp_gan_files() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
}

_gimp_gan_folders() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -d -- "$current")
}

_gimp_gan_models_or_files() {
    _gimp_gan_words "$(_gimp_gan_models)"
    local names=("${COMPREPLY[@]}")
    _gimp_gan_files
    COMPREPLY=("${names[@]}" "${COMPREPLY[@]}")
}

_gimp_gan() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local verb=${COMP_WORDS[1]-}
    COMPREPLY=()
    # Bash takes --option=value apart at the equals sign.
    if [[ $current == "=" ]]; then
        current=
    elif [[ $previous == "=" ]]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    if ((COMP_CWORD == 1)); then
        _gimp_gan_words $'upscale\ninfo\nimport\nmodels\nevaluate\ngenerate\nprepare\ntrain\nbench\ndoctor\n--help\n--version'
        return
    fi
    case $previous in
    -m | --model)
        _gimp_gan_models_or_files
        return
        ;;
    -d | --data)
        if [[ $verb == train ]]; then _gimp_gan_files; else _gimp_gan_folders; fi
        return
        ;;
    --models | --ready)
        _gimp_gan_folders
        return
        ;;
    -o | --output | --input-raw | --output-raw | --features)
        _gimp_gan_files
        return
        ;;
    --device)
        _gimp_gan_words $'auto\ncpu\ncuda'
        return
        ;;
    -f | --format)
        _gimp_gan_words $'png\njpg\ntif\nwebp\nexr'
        return
        ;;
    -k | --kind)
        _gimp_gan_words $'pictures\npairs\nunpaired\nclasses'
        return
        ;;
    --dtype)
        _gimp_gan_words $'f32\nf16\nbf16'
        return
        ;;
    --activation)
        _gimp_gan_words $'relu\nleakyrelu'
        return
        ;;
    -s | --scale | --to | --blend | --threads | --memory | --quality | -t | --template | --size | --runs | \
        --limit | --feature-layer | --name | --set | -c | --count | --seed | --class | --columns | --tile | --resize | --least | --sharpness | --near | --licence | --residual-scale)
        return
        ;;
    esac
    if [[ $current == -* ]]; then
        local options=$'--help\n--json'
        case $verb in
        upscale)
            options+=$'\n--output\n--template\n--model\n--models\n--scale\n--to\n--blend\n--device\n--threads'
            options+=$'\n--memory\n--format\n--quality\n--overwrite\n--dry-run\n--recursive\n--quiet'
            ;;
        info) options+=$'\n--size\n--models\n--device\n--threads\n--memory' ;;
        import)
            options+=$'\n--output\n--dtype\n--name\n--licence\n--activation\n--residual-scale\n--scale\n--overwrite'
            ;;
        models | doctor) options+=$'\n--models' ;;
        evaluate)
            options+=$'\n--data\n--scale\n--limit\n--ready\n--features\n--feature-layer\n--models\n--device\n--threads\n--memory'
            ;;
        prepare)
            options+=$'\n--output\n--kind\n--tile\n--scale\n--resize\n--least\n--sharpness\n--near\n--grey\n--quiet'
            ;;
        train) options+=$'\n--data\n--output\n--set\n--resume\n--dry-run\n--device\n--threads\n--quiet' ;;
        generate)
            options+=$'\n--output\n--count\n--seed\n--to\n--class\n--columns\n--models\n--device\n--threads\n--quiet'
            ;;
        bench) options+=$'\n--size\n--runs\n--threads\n--device\n--input-raw\n--output-raw\n--models' ;;
        *) options=--help ;;
        esac
        _gimp_gan_words "$options"
        return
    fi
    case $verb in
    upscale | import) _gimp_gan_files ;;
    prepare) _gimp_gan_folders ;;
    info | evaluate | generate | bench) _gimp_gan_models_or_files ;;
    train)
        _gimp_gan_words "$(_gimp_gan_recipes)"
        local names=("${COMPREPLY[@]}")
        _gimp_gan_files
        COMPREPLY=("${names[@]}" "${COMPREPLY[@]}")
        ;;
    esac
}

complete -F _gimp_gan gimp-gan
