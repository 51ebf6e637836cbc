"""Serves a transport stream at rtsp://127.0.0.1:PORT/clip with GStreamer's RTSP server, which nobody here wrote.

Usage: gst-rtsp-server.py CLIP [USER PASSWORD]. Prints the port when it listens; with a user it asks for digest authentication.
"""
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer

Gst.init(None)
server = GstRtspServer.RTSPServer.new()
server.set_address("127.0.0.1")
server.set_service("0")

factory = GstRtspServer.RTSPMediaFactory.new()
factory.set_launch(
    f"( filesrc location={sys.argv[1]} ! tsdemux name=d"
    " d. ! queue ! h264parse ! rtph264pay name=pay0 pt=96"
    " d. ! queue ! aacparse ! rtpmp4gpay name=pay1 pt=97 )"
)

if len(sys.argv) > 3:
    auth = GstRtspServer.RTSPAuth.new()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "user")
    auth.add_digest(sys.argv[2], sys.argv[3], token)
    server.set_auth(auth)
    role = "user, media.factory.access=(boolean)true, media.factory.construct=(boolean)true"
    factory.add_role_from_structure(Gst.Structure.new_from_string(role))

server.get_mount_points().add_factory("/clip", factory)
server.attach(None)
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
