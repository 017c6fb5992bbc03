#!/usr/bin/env bash
# Three detuned voices through a filter, then the levels of all of them for two seconds, by liblo's oscsend and oscdump alone.
# usage: chorus.sh [PORT [LISTEN]]        (the daemon's UDP port, 3293; a free one for what it tells, 3294)
set -euo pipefail
port=${1:-3293} listen=${2:-3294}
heard=$(mktemp)
send() { oscsend "osc.udp://127.0.0.1:$port" "$@"; }

# What oscsend sends is answered to a port that is gone by then; what is subscribed to can go elsewhere.
oscdump -L "$listen" >"$heard" &
dump=$!
trap 'kill $dump 2>/dev/null; wait $dump 2>/dev/null || true; rm -f "$heard"' EXIT

send /graph/add ss filter chorus/tone
for voice in 1 2 3; do
    send /graph/add sssssf osc "chorus/voice$voice" wave saw freq "$((110 * voice)).$voice"
    send /graph/connect sssf "chorus/voice$voice" chorus/tone gain -16
done
send /graph/connect sssf chorus/tone out gain -6

# One fader for all: a pattern, and a place from 0 to 1 on the way that the parameter goes.
send "/node/chorus/voice*/level/norm" f 0.9
send /node/chorus/tone/cutoff ff 400 0
send /node/chorus/tone/cutoff ff 4000 2

send /sub ssisi "/node/chorus/*/out/peak" max_hz 10 to "$listen"
sleep "${SECONDS_TO_LISTEN:-2}"

for node in tone voice1 voice2 voice3; do
    echo "$node: $(grep -F "/node/chorus/$node/out/peak" "$heard" | tail -n 1 | grep -oE '[-0-9.]+( [-0-9.]+)?$') dB"
done
for node in tone voice1 voice2 voice3; do send /graph/remove s "chorus/$node"; done
