#!/bin/sh
# docs: receive
# KEY: as above, of the other side. RTCP comes to PORT + 1.
exec ffmpeg -v warning -protocol_whitelist pipe,rtp,udp,srtp -f sdp -i pipe: -c:a pcm_s16le -f s16le "$OUTPUT" <<SDP
v=0
o=- 0 0 IN IP4 $HOST
s=-
c=IN IP4 $HOST
t=0 0
m=audio $PORT RTP/SAVP 120
a=rtpmap:120 opus/48000/2
a=crypto:1 SRTP_AES128_CM_HMAC_SHA1_32 inline:$KEY
SDP
# docs: end
