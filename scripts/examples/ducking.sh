#!/usr/bin/env bash
# A pad that makes room for a kick: the kick's signal is the sidechain of a compressor on the pad. Plays, and tells what the
# compressor takes away, by dawctl alone.
# usage: ducking.sh [OPTION…]        (of dawctl: --port 3293, --name, --socket; SECONDS_TO_LISTEN=4 in the environment)
set -euo pipefail
ctl() { "${DAWCTL:-dawctl}" --quiet "${options[@]}" "$@"; }
options=("$@")
nodes=()
clear_up() { for node in "${nodes[@]}"; do ctl /graph/remove "duck/$node" || true; done; }
trap clear_up EXIT

add() { # TYPE NAME [PARAMETER VALUE]…
    ctl /graph/add "$1" "duck/$2" "${@:3}"
    nodes+=("$2")
}

# The kick: twice a second an envelope opens a sine, in dB, and lets it fall by two octaves.
add lfo beat shape square rate 2.0 depth 0.5 offset 0.5
add adsr hit attack 0.001 decay 0.2 sustain 0.0
add osc drum wave sine freq 45.0 level 0.0
add gain kick gain -60.0
ctl /graph/connect duck/beat duck/hit:gate
ctl /graph/connect duck/hit duck/drum:freq depth 2.0
ctl /graph/connect duck/hit duck/kick:gain depth 60.0
ctl /graph/connect duck/drum duck/kick
ctl /graph/connect duck/kick out gain -6.0

# The pad: four saws through a filter, and through the compressor that listens to the kick.
add filter pad cutoff 900.0
add compressor comp threshold -30.0 ratio 4.0 attack 2.0 release 120.0
for freq in 110.0 130.9 164.7 220.3; do
    add osc "voice${freq%.*}" wave saw freq "$freq"
    ctl /graph/connect "duck/voice${freq%.*}" duck/pad gain -14.0
done
ctl /graph/connect duck/pad duck/comp
ctl /graph/connect duck/comp out gain -6.0
ctl /graph/connect duck/kick duck/comp:sidechain

"${DAWCTL:-dawctl}" "${options[@]}" --seconds "${SECONDS_TO_LISTEN:-4}" watch /node/duck/comp/gain_reduction |
    awk 'NR == 1 || $NF < least { least = $NF } NR == 1 || $NF > most { most = $NF }
         END { printf "the pad is ducked by %.1f dB at most, and between two kicks by %.1f dB\n", -least, -most }'
