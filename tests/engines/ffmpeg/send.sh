#!/bin/sh
# docs: send
# KEY: the 30 bytes of master_key and master_salt in base64. SEQUENCE: of the first packet. FFmpeg takes an SSRC as a
# signed number. It prints the key as a line of SDP, hence /dev/null.
exec ffmpeg -v warning -re -i "$INPUT" -c:a libopus -frame_duration 20 -f rtp -payload_type 120 \
	-ssrc $((SSRC < 1 << 31 ? SSRC : SSRC - (1 << 32))) -seq "$SEQUENCE" \
	-srtp_out_suite SRTP_AES128_CM_HMAC_SHA1_32 -srtp_out_params "$KEY" \
	"srtp://$HOST:$PORT?rtcpport=$RTCP_PORT" >/dev/null
# docs: end
