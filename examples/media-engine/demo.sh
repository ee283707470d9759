#!/bin/sh
# make demo-media: the call, and then the field's most frequent bug. SPEED (default 1) times real time;
# WAV: what Alice says.
set -eu
cd "$(dirname "$0")/../.."
folder=build/media-engine
result=0

sh examples/media-engine/build.sh $folder/media-engine || result=$?
[ $result -ne 77 ] || exit 0
[ $result -eq 0 ] || exit $result
$folder/media-engine --speed "${SPEED:-1}" ${WAV:+--wav "$WAV"} $folder/call || exit 1

echo
$folder/media-engine --speed "${SPEED:-1}" --wrong-device $folder/wrong-device || result=$?
[ $result -eq 1 ] || { echo "a call keyed for the wrong device was not noticed" >&2; exit 1; }
cat <<END

Those failures are the point. Deriving keys for a device that did not answer
fails nowhere: the tags are wrong, and where nobody checks tags the audio is
noise. Listen:
  $folder/call/bob-heard-by-alice.wav
  $folder/wrong-device/bob-heard-by-alice.wav
END
