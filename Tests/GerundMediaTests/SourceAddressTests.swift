import GerundCore
import GerundStream
import GerundTesting
import Testing

@testable import GerundMedia

@Suite("SourceAddress")
struct SourceAddressTests {
    @Test(
        "Parses kind, location, name and display name",
        arguments: [
            ("clip.mp4", .file, "clip.mp4", "clip.mp4", "clip.mp4"),
            ("/videos/a b/clip.mp4", .file, "/videos/a b/clip.mp4", "clip.mp4", "/videos/a b/clip.mp4"),
            ("file:///videos/clip.mp4", .file, "/videos/clip.mp4", "clip.mp4", "/videos/clip.mp4"),
            ("rtsp://cam/1", .rtsp, "rtsp://cam/1", "cam/1", "rtsp://cam/1"),
            ("RTSPS://cam:322/1", .rtsp, "RTSPS://cam:322/1", "cam:322/1", "RTSPS://cam:322/1"),
            ("rtsp://[fe80::1]:554/1", .rtsp, "rtsp://[fe80::1]:554/1", "fe80::1:554/1", "rtsp://[fe80::1]:554/1"),
            ("rtsp://me:geheim@cam:554/1", .rtsp, "rtsp://me:geheim@cam:554/1", "cam:554/1", "rtsp://***@cam:554/1"),
            ("http://cam/s.m3u8?n=1", .http, "http://cam/s.m3u8?n=1", "cam/s.m3u8", "http://cam/s.m3u8?n=1"),
            ("https://cam/s?token=abc", .http, "https://cam/s?token=abc", "cam/s", "https://cam/s?token=***"),
            ("/dev/video0", .device, "/dev/video0", "video0", "/dev/video0"),
            (
                "test:testsrc2=size=64x48:rate=25", .lavfi, "testsrc2=size=64x48:rate=25", "test:testsrc2",
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

    @Test("Parses options after a #")
    func options() throws {
        let device = try SourceAddress("/dev/video0#size=1280x720&fps=30000/1001&format=mjpeg&name=front%20door")
        #expect(device.location.reveal() == "/dev/video0")
        #expect(device.options.size == PixelSize(width: 1280, height: 720))
        #expect(device.options.fps == "30000/1001")
        #expect(device.options.format == "mjpeg")
        #expect(device.id.name == "front door")
        #expect(try SourceAddress("rtsp://cam/1#transport=udp").options.transport == .udp)
        #expect(try SourceAddress("rtsp://cam:554#transport=udp").location.reveal() == "rtsp://cam:554")
        #expect(try SourceAddress("rtsp://cam#name=a/b").id.name == "a/b")
        #expect(try SourceAddress("-#name=pipe").id.name == "pipe")
    }

    @Test("Treats a # that doesn't start options as part of the location")
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
        "Throws for an invalid address, with a message",
        arguments: [
            ("", "empty address"),
            ("rtsp://cam/1#transprot=udp", "unknown option 'transprot': did you mean 'transport'?"),
            ("rtsp://cam/1#udp", "unknown option 'udp': expected one of name, transport"),
            ("rtsp://cam/1#transport=quic", "invalid transport 'quic': expected one of tcp, udp, http, multicast"),
            ("rtsp://cam/1#transport=tcp&transport=udp", "option 'transport' is given more than once"),
            ("rtsp://cam/1#size=1x1", "option 'size' is not supported for this kind of source"),
            ("/dev/video0#size=big", "invalid size 'big': expected WIDTHxHEIGHT"),
            ("/dev/video0#size=0x10", "invalid size '0x10'"),
            ("/dev/video0#size=99999999999999999999x1", "invalid size"),
            ("/dev/video0#fps=0", "invalid fps '0'"),
            ("/dev/video0#fps=1/0", "invalid fps '1/0'"),
            ("/dev/video0#format=a;b", "invalid format 'a;b'"),
            ("/dev/video0#rate=30", "option 'rate' is now called 'fps'"),
            ("rtsp://cam/1#rate=30", "option 'rate' is now called 'fps'"),
            ("/dev/video0#fps=nan", "invalid fps 'nan'"),
            ("/dev/video0#fps=-5", "invalid fps '-5'"),
            ("/dev/video0#fps=inf", "invalid fps 'inf'"),
            ("/dev/video0#name=", "option 'name' has no value"),
            ("/dev/video0#name=%zz", "option 'name' has no value"),
            ("rtmp://cam/1", "rtmp:// is not supported"),
            ("rtsp:///1", "the URL has no host"),
            ("rtsp://cam:port/1", "invalid port in the URL"),
            ("test:", "missing filter graph"),
            ("a\0b", "NUL"),
        ])
    func invalidAddresses(text: String, message: String) {
        let error = #expect(throws: CaptureError.self) { try SourceAddress(text) }
        #expect(error?.code == .invalidAddress)
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    }

    @Test(
        "Prints no part of a password that isn't percent-encoded",
        arguments: [
            "rtsp://me:se/cret@cam/1", "rtsp://me:se?cret@cam/1", "rtsp://me:se@cr/et@cam/1", "rtsp://me:s:e@c/r@cam/1",
            "rtmp://me:secret@cam/1", "rtsp://me:secret@cam/1#nme=x", "http://me:secret@cam:x/1",
        ])
    func rawPasswords(text: String) {
        let error = #expect(throws: CaptureError.self) { try SourceAddress(text) }
        let shown = "\(String(describing: error))"
        for piece in ["secret", "se/", "cret", "cr/", "et@", ":s:e", "e@c"] { #expect(!shown.contains(piece)) }
    }

    @Test("Prints, dumps and describes no credentials")
    func hidesCredentials() throws {
        let address = try SourceAddress("rtsp://me:geheim@cam/1?pwd=hidden1")
        var dumped = ""
        dump(address, to: &dumped)
        for text in ["\(address)", String(reflecting: address), dumped, address.id.name] {
            #expect(!text.contains("geheim") && !text.contains("hidden1"), "\(text)")
        }
    }

    @Test("Parses or rejects any text without trapping")
    func anyText() {
        let pieces = [
            "rtsp://", "http://", "test:", "-", "/dev/video0", "#", "?", "&", "=", "@", ":", "/", "[", "]", "%", "%4",
            "name", "size=1x1", "fps=1/", "u:p@", "cam", "554", "\u{0}", "é", "\u{1B}", " ",
        ]
        var random = SplitMix64(seed: 11)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...8, using: &random)
            let text = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            do throws(CaptureError) {
                #expect(!(try SourceAddress(text, fileExists: { _ in false })).description.isEmpty)
            } catch {
                #expect(error.code == .invalidAddress, "seed 11: \(text)")
            }
        }
    }

    @Test("Prints no password at any position in a URL")
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

    @Test("Replaces control characters in the names")
    func controlCharacters() throws {
        let address = try SourceAddress("/videos/\u{1B}[2Jclip\n.mp4")
        #expect(address.id.name == "\u{FFFD}[2Jclip\u{FFFD}.mp4")
        #expect(!address.description.contains("\u{1B}"))
    }
}
