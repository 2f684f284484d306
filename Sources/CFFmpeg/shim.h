#pragma once
#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavdevice/avdevice.h>
#include <libavfilter/avfilter.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/display.h>
#include <libavutil/error.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

// Macros that Swift can't import: casts, shifts and character tags.

static const int64_t gerund_no_pts = AV_NOPTS_VALUE;

// The libav error for an errno.
static inline int gerund_averror(int error) { return AVERROR(error); }

static const int gerund_error_eof = AVERROR_EOF;
static const int gerund_error_exit = AVERROR_EXIT;
static const int gerund_error_invalid_data = AVERROR_INVALIDDATA;
static const int gerund_error_patch_welcome = AVERROR_PATCHWELCOME;
static const int gerund_error_demuxer_not_found = AVERROR_DEMUXER_NOT_FOUND;
static const int gerund_error_decoder_not_found = AVERROR_DECODER_NOT_FOUND;
static const int gerund_error_protocol_not_found = AVERROR_PROTOCOL_NOT_FOUND;
static const int gerund_error_stream_not_found = AVERROR_STREAM_NOT_FOUND;
static const int gerund_error_option_not_found = AVERROR_OPTION_NOT_FOUND;
static const int gerund_error_filter_not_found = AVERROR_FILTER_NOT_FOUND;
static const int gerund_error_http_bad_request = AVERROR_HTTP_BAD_REQUEST;
static const int gerund_error_http_unauthorized = AVERROR_HTTP_UNAUTHORIZED;
static const int gerund_error_http_forbidden = AVERROR_HTTP_FORBIDDEN;
static const int gerund_error_http_not_found = AVERROR_HTTP_NOT_FOUND;
static const int gerund_error_http_other_4xx = AVERROR_HTTP_OTHER_4XX;
static const int gerund_error_http_server_error = AVERROR_HTTP_SERVER_ERROR;

// The stream at an index: the array is a pointer to pointers.
static inline AVStream *gerund_stream(const AVFormatContext *context, unsigned index) {
    return index < context->nb_streams ? context->streams[index] : NULL;
}
