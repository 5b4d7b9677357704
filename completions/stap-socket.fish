# SPDX-License-Identifier: GPL-2.0-or-later
#
# Completion of stap-socket(8) for fish.  The command prints the words (src/complete.c).

function __stap_socket
    set -l line (commandline -cpo) "$(commandline -ct | string unescape)"
    set -l lines ($line[1] words line $line[2..-1] 2>/dev/null)
    switch "$lines[1]"
        case files
            __fish_complete_path $line[-1]
        case directories
            __fish_complete_directories $line[-1]
        case scripts
            __fish_complete_suffix .stp
        case 'command *'
            set -l first (string replace 'command ' - $lines[1])
            complete -C (string escape -- $line[$first..-1] | string join ' ')
        case words parts
            printf '%s\n' $lines[2..-1]
    end
end

complete -c stap-socket -f -a '(__stap_socket)'
