#!/usr/bin/python3
"""An RTSP server (GStreamer's) on the loopback interface: cameras that play an H.264 file in a loop.

    rtsp_server.py clip.mp4                                   rtsp://127.0.0.1:PORT/camera
    rtsp_server.py clip.mp4 other.mp4                         the other one is rtsp://127.0.0.1:PORT/camera-2
    rtsp_server.py --port 8554 --user u --password p clip.mp4 digest authentication

Sends the file without transcoding, paced by its timestamps, to each client from its start, as if each had a camera of
its own; timestamps keep rising when it repeats. Prints `ready PORT`, then serves until SIGTERM or until its parent
process has ended. SIGSTOP freezes the cameras, SIGKILL unplugs them, starting it again plugs them in. Exits with 77 if a
package is missing.

    apt-get install python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good \\
        gstreamer1.0-plugins-bad
"""
import argparse
import os
import signal
import sys
import threading

MISSING = 77

try:
    import gi

    gi.require_version("Gst", "1.0")
    gi.require_version("GstRtsp", "1.0")
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import GLib, Gst, GstRtsp, GstRtspServer
except (ImportError, ValueError) as error:
    print(f"missing: {error}", file=sys.stderr)
    sys.exit(MISSING)

ELEMENTS = ["filesrc", "qtdemux", "h264parse", "rtph264pay"]


class Camera(GstRtspServer.RTSPMediaFactory):
    """Loops by a segment seek each time a segment ends, so that timestamps keep rising."""

    def __init__(self, path):
        super().__init__()
        # A pipeline that clients share seeks to the start with each PLAY request that has a range, as nearly every one
        # has. With several requests at once, it may stall for ever.
        self.set_shared(False)
        self.set_launch(
            f'( filesrc location="{path}" ! qtdemux ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=-1 )')
        self.connect("media-configure", self.configure)

    @staticmethod
    def configure(_factory, media):
        pipeline = media.get_element()
        payloader = pipeline.get_by_name("pay0")

        def on_event(_pad, info):
            if info.get_event().type == Gst.EventType.SEGMENT_DONE:
                GLib.idle_add(lambda: pipeline.seek_simple(Gst.Format.TIME, Gst.SeekFlags.SEGMENT, 0) and False)
            return Gst.PadProbeReturn.OK

        payloader.get_static_pad("sink").add_probe(Gst.PadProbeType.EVENT_DOWNSTREAM, on_event)

        def rewind(_media):
            # The server asserts that a stream has a segment when PLAY arrives: answer no client before the seek is
            # complete.
            flowing = threading.Event()
            flushed = []

            def on_data(_pad, info):
                if info.type & Gst.PadProbeType.EVENT_FLUSH:
                    flushed.append(info.get_event().type == Gst.EventType.FLUSH_STOP)
                elif any(flushed):
                    flowing.set()
                    return Gst.PadProbeReturn.REMOVE
                return Gst.PadProbeReturn.OK

            kinds = Gst.PadProbeType.BUFFER | Gst.PadProbeType.BUFFER_LIST | Gst.PadProbeType.EVENT_FLUSH
            payloader.get_static_pad("src").add_probe(kinds, on_data)
            pipeline.seek_simple(Gst.Format.TIME, Gst.SeekFlags.FLUSH | Gst.SeekFlags.SEGMENT, 0)
            flowing.wait(5)

        media.connect("prepared", rewind)


def protect(server, camera, user, password):
    """Requires digest authentication."""
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_digest(user, password, token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("viewer", "media.factory.access", True)
    permissions.add_permission_for_role("viewer", "media.factory.construct", True)
    camera.set_permissions(permissions)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="+", metavar="clip")
    parser.add_argument("--port", default="0", help="default: any free port")
    parser.add_argument("--check", action="store_true", help="only check that all packages are installed")
    parser.add_argument("--user")
    parser.add_argument("--password", default="")
    args = parser.parse_args()

    Gst.init(None)
    absent = [name for name in ELEMENTS if not Gst.ElementFactory.find(name)]
    if absent:
        print(f"missing: GStreamer's {', '.join(absent)}", file=sys.stderr)
        sys.exit(MISSING)
    if args.check:
        return

    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(args.port)
    for number, clip in enumerate(args.clips, 1):
        camera = Camera(clip)
        if args.user:
            protect(server, camera, args.user, args.password)
        server.get_mount_points().add_factory("/camera" if number == 1 else f"/camera-{number}", camera)
    if server.attach(None) == 0:
        sys.exit(f"port {args.port} is in use")
    print(f"ready {server.get_bound_port()}", flush=True)

    loop = GLib.MainLoop()
    parent = os.getppid()
    GLib.timeout_add_seconds(1, lambda: os.getppid() == parent or loop.quit() or False)
    GLib.unix_signal_add(GLib.PRIORITY_HIGH, signal.SIGTERM, loop.quit)
    loop.run()


main()
