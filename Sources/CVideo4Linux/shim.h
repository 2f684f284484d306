#pragma once
#include <errno.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>

// `ioctl` is variadic and its request codes are macros, so Swift can call neither. Each returns 0 or an errno.

static inline int gerund_v4l2_ioctl(int device, unsigned long request, void *argument) {
    int status;
    do {
        status = ioctl(device, request, argument);
    } while (status < 0 && errno == EINTR);
    return status < 0 ? errno : 0;
}

static inline int gerund_v4l2_capability(int device, struct v4l2_capability *capability) {
    return gerund_v4l2_ioctl(device, VIDIOC_QUERYCAP, capability);
}

static inline int gerund_v4l2_format(int device, struct v4l2_fmtdesc *format) {
    return gerund_v4l2_ioctl(device, VIDIOC_ENUM_FMT, format);
}

static inline int gerund_v4l2_frame_size(int device, struct v4l2_frmsizeenum *size) {
    return gerund_v4l2_ioctl(device, VIDIOC_ENUM_FRAMESIZES, size);
}

static inline int gerund_v4l2_frame_interval(int device, struct v4l2_frmivalenum *interval) {
    return gerund_v4l2_ioctl(device, VIDIOC_ENUM_FRAMEINTERVALS, interval);
}

// Returns the capabilities of this node, not of the whole device: a camera has a second node for metadata.
static inline unsigned gerund_v4l2_node_capabilities(const struct v4l2_capability *capability) {
    return capability->capabilities & V4L2_CAP_DEVICE_CAPS ? capability->device_caps : capability->capabilities;
}

static const unsigned gerund_v4l2_captures = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_VIDEO_CAPTURE_MPLANE;
static const unsigned gerund_v4l2_captures_planar = V4L2_CAP_VIDEO_CAPTURE_MPLANE;
