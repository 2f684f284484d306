import GerundCore
import GerundStream
import GerundTesting
import Testing

@testable import GerundMedia

@Suite("A source address")
struct SourceAddressTests {
    @Test(
        "tells kind, place, name and what to show",
        arguments: [
            ("clip.mp4", .file, "clip.mp4", "clip.mp4", "clip.mp4"),
            ("/films/a b/clip.mp4", .file, "/films/a b/clip.mp4", "clip.mp4", "/films/a b/clip.mp4"),
            ("file:///films/clip.mp4", .file, "/films/clip.mp4", "clip.mp4", "/films/clip.mp4"),
            ("rtsp://cam/1", .rtsp, "rtsp://cam/1", "cam/1", "rtsp://cam/1"),
            ("RTSPS://cam:322/1", .rtsp, "RTSPS://cam:322/1", "cam:322/1", "RTSPS://cam:322/1"),
            ("rtsp://[fe80::1]:554/1", .rtsp, "rtsp://[fe80::1]:554/1", "fe80::1:554/1", "rtsp://[fe80::1]:554/1"),
            ("rtsp://me:geheim@cam:554/1", .rtsp, "rtsp://me:geheim@cam:554/1", "cam:554/1", "rtsp://***@cam:554/1"),
            ("http://cam/s.m3u8?n=1", .http, "http://cam/s.m3u8?n=1", "cam/s.m3u8", "http://cam/s.m3u8?n=1"),
            ("https://cam/s?token=abc", .http, "https://cam/s?token=abc", "cam/s", "https://cam/s?token=***"),
            ("/dev/video0", .device, "/dev/video0", "video0", "/dev/video0"),
            (
                "test:testsrc2=size=64x48:rate=25", .test, "testsrc2=size=64x48:rate=25", "test:testsrc2",
                "test:testsrc2=size=64x48:rate=25"
            ),
            ("-", .standardInput, "-", "stdin", "standard input"),
        ] as [(String, SourceAddress.Kind, String, String, String)])
    func forms(text: String, kind: SourceAddress.Kind, location: String, name: String, shown: String) throws {
        let address = try SourceAddress(text)
        #expect(address.kind == kind)
        #expect(address.location.reveal() == location)
        #expect(address.id.name == name)
        #expect(address.description == shown)
    }

    @Test("takes options after a #")
    func options() throws {
        let device = try SourceAddress("/dev/video0#size=1280x720&rate=30000/1001&format=mjpeg&name=front%20door")
        #expect(device.location.reveal() == "/dev/video0")
        #expect(device.options.size.map { [$0.width, $0.height] } == [1280, 720])
        #expect(device.options.rate == "30000/1001")
        #expect(device.options.format == "mjpeg")
        #expect(device.id.name == "front door")
        #expect(try SourceAddress("rtsp://cam/1#transport=udp").options.transport == .udp)
        #expect(try SourceAddress("rtsp://cam:554#transport=udp").location.reveal() == "rtsp://cam:554")
        #expect(try SourceAddress("rtsp://cam#name=a/b").id.name == "a/b")
        #expect(try SourceAddress("-#name=pipe").id.name == "pipe")
    }

    @Test("knows a # that starts no options")
    func plainHash() throws {
        #expect(try SourceAddress("rtsp://u:pa#ss@cam/1#name=x").location.reveal() == "rtsp://u:pa#ss@cam/1")
        #expect(try SourceAddress("test:color=c=#ff0000:size=8x8").location.reveal() == "color=c=#ff0000:size=8x8")
        #expect(try SourceAddress("test:color=c=#ff0000#name=red").id.name == "red")
        #expect(try SourceAddress("take #3.mp4").location.reveal() == "take #3.mp4")
        let named = try SourceAddress("a#name=b.mp4", fileExists: { $0 == "a#name=b.mp4" })
        #expect(named.location.reveal() == "a#name=b.mp4")
        #expect(try SourceAddress("a#name=b.mp4", fileExists: { _ in false }).location.reveal() == "a")
    }

    @Test(
        "refuses nonsense and says what is wrong",
        arguments: [
            ("", "the address is empty"),
            ("rtsp://cam/1#transprot=udp", "option 'transprot' is unknown; did you mean 'transport'?"),
            ("rtsp://cam/1#udp", "option 'udp' is unknown"),
            ("rtsp://cam/1#transport=quic", "transport 'quic' is unknown; it is one of tcp, udp, http, multicast"),
            ("rtsp://cam/1#transport=tcp&transport=udp", "option 'transport' is given twice"),
            ("rtsp://cam/1#size=1x1", "option 'size' has no meaning for this kind of source"),
            ("/dev/video0#size=big", "size 'big' is none"),
            ("/dev/video0#size=0x10", "size '0x10' is none"),
            ("/dev/video0#size=99999999999999999999x1", "is none"),
            ("/dev/video0#rate=0", "rate '0' is none"),
            ("/dev/video0#rate=1/0", "rate '1/0' is none"),
            ("/dev/video0#format=a;b", "format 'a;b' is none"),
            ("/dev/video0#name=", "option 'name' has no value"),
            ("/dev/video0#name=%zz", "option 'name' has no value"),
            ("rtmp://cam/1", "rtmp:// is not supported"),
            ("rtsp:///1", "the URL names no host"),
            ("rtsp://cam:port/1", "the URL's port is no number"),
            ("test:", "no graph is given"),
            ("a\0b", "NUL"),
        ])
    func nonsense(text: String, message: String) {
        let error = #expect(throws: CaptureError.self) { try SourceAddress(text) }
        #expect(error?.code == .usage)
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    }

    @Test(
        "shows no part of a password that is written raw",
        arguments: [
            "rtsp://me:se/cret@cam/1", "rtsp://me:se?cret@cam/1", "rtsp://me:se@cr/et@cam/1", "rtsp://me:s:e@c/r@cam/1",
            "rtmp://me:secret@cam/1", "rtsp://me:secret@cam/1#nme=x", "http://me:secret@cam:x/1",
        ])
    func rawPasswords(text: String) {
        let error = #expect(throws: CaptureError.self) { try SourceAddress(text) }
        let shown = "\(String(describing: error))"
        for piece in ["secret", "se/", "cret", "cr/", "et@", ":s:e", "e@c"] { #expect(!shown.contains(piece)) }
    }

    @Test("prints, dumps and describes no credentials")
    func hidesCredentials() throws {
        let address = try SourceAddress("rtsp://me:geheim@cam/1?pwd=hidden1")
        var dumped = ""
        dump(address, to: &dumped)
        for text in ["\(address)", String(reflecting: address), dumped, address.id.name] {
            #expect(!text.contains("geheim") && !text.contains("hidden1"), "\(text)")
        }
    }

    @Test("is read or refused, whatever is written")
    func anything() {
        let pieces = [
            "rtsp://", "http://", "test:", "-", "/dev/video0", "#", "?", "&", "=", "@", ":", "/", "[", "]", "%", "%4",
            "name", "size=1x1", "rate=1/", "u:p@", "cam", "554", "\u{0}", "é", "\u{1B}", " ",
        ]
        var random = SplitMix64(seed: 11)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...8, using: &random)
            let text = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            do throws(CaptureError) {
                #expect(!(try SourceAddress(text, fileExists: { _ in false })).description.isEmpty)
            } catch {
                #expect(error.code == .usage, "seed 11: \(text)")
            }
        }
    }

    @Test("shows no password wherever it stands in a URL")
    func passwordsEverywhere() {
        for scheme in ["rtsp", "http", "rtmp"] {
            for user in ["me:S3CRET@", ":S3CRET@", "me:S3CRET@S3CRET@", "me:S3CRET#S3CRET@", "me:S3CRET/S3CRET@", ""] {
                for host in ["cam", "cam:554", "cam:x", "", "[::1]", "[::1"] {
                    for rest in ["", "/1", "/1?token=S3CRET&n=1", "?pwd=S3CRET", "#name=a", "#nme=a", "/1#size=1x1"] {
                        let text = "\(scheme)://\(user)\(host)\(rest)"
                        do throws(CaptureError) {
                            let address = try SourceAddress(text)
                            #expect(!"\(address) \(address.id)".contains("S3CRET"), "\(text)")
                        } catch {
                            #expect(!"\(error)".contains("S3CRET"), "\(text)")
                        }
                    }
                }
            }
        }
    }

    @Test("lets no control character through to a terminal")
    func controlCharacters() throws {
        let address = try SourceAddress("/films/\u{1B}[2Jclip\n.mp4")
        #expect(address.id.name == "?[2Jclip?.mp4")
        #expect(!address.description.contains("\u{1B}"))
    }
}
