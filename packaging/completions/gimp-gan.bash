# SPDX-License-Identifier: LGPL-3.0-or-later
# Completion of gimp-gan for bash. Verbs, options and what they take are asked of the program itself.

# Prints the verbs, one a line.
_gimp_gan_verbs() {
    gimp-gan --help 2>/dev/null | awk '/^Verbs:/ { on = 1; next } !NF { on = 0 } on { print $1 }'
}

# Prints the options of a verb, one spelling a line, and what it takes: "--output FILE|FOLDER", "-q".
_gimp_gan_options() {
    LC_ALL=C.UTF-8 gimp-gan "$1" --help 2>/dev/null | awk '
        /^  -/ {
            long = $1 ~ /^--/ ? $1 : $2
            at = index(long, "=")
            value = at ? " " substr(long, at + 1) : ""
            print (at ? substr(long, 1, at - 1) : long) value
            if ($1 !~ /^--/) print substr($1, 1, 2) value
        }'
}

# Prints what the arguments of a verb are: "NAME|FILE".
_gimp_gan_argument() {
    LC_ALL=C.UTF-8 gimp-gan "$1" --help 2>/dev/null |
        sed -nE 's/^  gimp-gan [a-z]+ \[OPTION…\] \[?([^] …]*).*/\1/p'
}

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

# The same with paths: -f for files, -d for folders.
_gimp_gan_paths() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen "$1" -- "$current")
}

# Offers what the program's help calls $1.
_gimp_gan_offer() {
    local names=()
    case $1 in
    FOLDER) _gimp_gan_paths -d ;;
    'NAME|FILE' | RECIPE)
        if [[ $1 == RECIPE ]]; then
            _gimp_gan_words "$(_gimp_gan_recipes)"
        else
            _gimp_gan_words "$(_gimp_gan_models)"
        fi
        names=("${COMPREPLY[@]}")
        _gimp_gan_paths -f
        COMPREPLY=("${names[@]}" "${COMPREPLY[@]}")
        ;;
    *FILE* | PATH) _gimp_gan_paths -f ;;
    [a-z]*'|'*) _gimp_gan_words "${1//|/$'\n'}" ;;
    esac
}

_gimp_gan() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local verb=${COMP_WORDS[1]-} options value
    COMPREPLY=()
    # Bash takes --option=value apart at the equals sign.
    if [[ $current == "=" ]]; then
        current=
    elif [[ $previous == "=" ]]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    if ((COMP_CWORD == 1)); then
        _gimp_gan_words "$(_gimp_gan_verbs)"$'\n--help\n-V\n--version'
        return
    fi
    options=$(_gimp_gan_options "$verb")
    value=$(awk -v option="$previous" '$1 == option { print $2 }' <<<"$options")
    if [[ -n $value ]]; then
        _gimp_gan_offer "$value"
    elif [[ $current == -* ]]; then
        _gimp_gan_words "$(awk '/^--/ { print $1 }' <<<"$options")"
    else
        _gimp_gan_offer "$(_gimp_gan_argument "$verb")"
    fi
}

complete -F _gimp_gan gimp-gan
