import GerundCore
import GerundMedia
import GerundStream
import Testing

@Suite("Captured images")
struct ImageTests {
    /// Returns red, green and blue of 8-bit YUV by ITU-T H.273, for the weights of red and blue and the range.
    private func rgb(y: Int, cb: Int, cr: Int, red: Double, blue: Double, isFull: Bool) -> [Int] {
        let luma = isFull ? Double(y) / 255 : Double(y - 16) / 219
        let chroma = isFull ? 255.0 : 224.0
        let (u, v) = (Double(cb - 128) / chroma, Double(cr - 128) / chroma)
        let r = luma + 2 * (1 - red) * v
        let b = luma + 2 * (1 - blue) * u
        let g = (luma - red * r - blue * b) / (1 - red - blue)
        return [r, g, b].map { Int((min(max($0, 0), 1) * 255).rounded()) }
    }

    private static let matrices: [(String, Double, Double, Bool)] = [
        ("patches-bt601.mkv", 0.299, 0.114, false),
        ("patches-bt709.mkv", 0.2126, 0.0722, false),
        ("patches-bt2020.mkv", 0.2627, 0.0593, false),
        ("patches-full-range.mkv", 0.299, 0.114, true),
        // Without a declared matrix: BT.601 for small frames, BT.709 for large ones.
        ("patches-untagged.mkv", 0.299, 0.114, false),
        ("patches-untagged-720.mkv", 0.2126, 0.0722, false),
        // 160x240 pixels twice as wide as high: the same image.
        ("patches-anamorphic.mkv", 0.299, 0.114, false),
    ]

    @Test("Have the colors that their matrix and range define", arguments: matrices)
    func colors(file: String, red: Double, blue: Double, isFull: Bool) async throws {
        let image = try #require(try await capture(fixture(file), edge: 240, width: 236).frames.first)
        // The crop contains 236 of 320 columns: about half of the left and right patches.
        let columns = file.contains("720") ? [20, 80, 156, 220] : [18, 78, 158, 218]
        for patch in 0..<8 {
            // At 16:9 the crop contains the two middle patches and a fraction of the outer ones.
            if file.contains("720"), patch % 4 == 0 || patch % 4 == 3 { continue }
            expectColor(
                image.color(x: columns[patch % 4], y: patch < 4 ? 58 : 178),
                self.rgb(
                    y: 50 + 22 * patch, cb: 100 + 9 * patch, cr: 160 - 10 * patch, red: red, blue: blue,
                    isFull: isFull),
                within: 3)
        }
    }

    @Test("Are cropped at the center, to the pixel")
    func centerCrop() async throws {
        // Red is the column, green the row; no scaling.
        let ramp = "test:nullsrc=size=131x101:rate=5:duration=0.2,format=gbrp,geq=r='X':g='Y':b=0"
        let image = try #require(try await capture(ramp, edge: 101, width: 80).frames.first)
        #expect(image.color(x: 0, y: 0) == [25, 10, 0])
        #expect(image.color(x: 79, y: 79) == [104, 89, 0])
    }

    @Test("Keep their aspect ratio")
    func aspect() async throws {
        // A white square of 90 pixels in the middle of 320x180 is half as high as the frame.
        let square = "test:color=black:size=320x180:rate=5:duration=0.2,format=gbrp,drawbox=115:45:90:90:white:fill"
        let image = try #require(try await capture(square, edge: 64).frames.first)
        func whites(_ line: (Int) -> [Int]) -> Int { (0..<64).filter { line($0)[0] > 127 }.count }
        #expect(abs(whites { image.color(x: $0, y: 32) } - 32) <= 1)
        #expect(abs(whites { image.color(x: 32, y: $0) } - 32) <= 1)
    }

    private static let red = [254, 0, 0]
    private static let green = [0, 255, 1]
    private static let blue = [0, 0, 254]
    private static let gray = [128, 128, 128]

    /// Top left, top right, bottom left, bottom right.
    private static let rotations: [(String, [[Int]], Int)] = [
        ("upright.mp4", [red, green, blue, gray], 0),
        // ffmpeg's `rotate=90` is counterclockwise.
        ("rotated-90.mp4", [green, gray, red, blue], 270),
        ("rotated-180.mp4", [gray, blue, green, red], 180),
        ("rotated-270.mp4", [blue, red, gray, green], 90),
        ("mirrored.mp4", [green, red, gray, blue], 0),
    ]

    @Test("Are rotated upright", arguments: rotations)
    func rotation(file: String, corners: [[Int]], degrees: Int) async throws {
        let capture = try await capture(fixture(file), edge: 90, width: 88)
        let image = try #require(capture.frames.first)
        for (corner, (x, y)) in zip(corners, [(4, 4), (83, 4), (4, 83), (83, 83)]) {
            expectColor(image.color(x: x, y: y), corner, within: 4)
        }
        guard case .connected(let description)? = capture.states.first else {
            Issue.record("not connected: \(capture.states)")
            return
        }
        #expect(description.rotation == degrees)
    }

    @Test("Follow a stream that changes its size")
    func sizeChanges() async throws {
        let capture = try await capture(fixture("size-changes.ts"), samplingInterval: .milliseconds(200))
        let colors = capture.frames.map { $0.color(x: 16, y: 16) }
        let names = colors.map { $0[0] > 200 ? "red" : $0[1] > 90 ? "green" : $0[2] > 200 ? "blue" : "\($0)" }
        #expect(Set(names) == ["red", "green", "blue"])
        #expect(
            names
                == names.sorted {
                    ["red", "green", "blue"].firstIndex(of: $0)! < ["red", "green", "blue"].firstIndex(of: $1)!
                })
        #expect(capture.states.last == .ended)
    }

    @Test(
        "Are delivered from frames of unusual sizes",
        arguments: ["2x2", "3x500", "500x3", "33x17", "1999x2", "16x16", "641x359"])
    func oddSizes(size: String) async throws {
        let capture = try await capture("test:color=red:size=\(size):rate=5:duration=0.2", edge: 24)
        #expect(capture.failure == nil)
        let image = try #require(capture.frames.first)
        expectColor(image.color(x: 12, y: 12), [254, 0, 0], within: 4)
    }

    @Test(
        "Are delivered from frames of every common pixel format",
        arguments: [
            "yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "yuyv422", "uyvy422", "nv12", "nv21",
            "p010le", "yuv420p10le", "rgb24", "bgr24", "bgra", "bgr0", "gbrp", "yuva420p",
        ])
    func pixelFormats(format: String) async throws {
        let graph = "test:color=red:size=64x48:rate=5:duration=0.2,format=\(format)"
        let capture = try await capture(graph, edge: 24)
        #expect(capture.failure == nil)
        let image = try #require(capture.frames.first)
        expectColor(image.color(x: 12, y: 12), [254, 0, 0], within: 4)
    }
}
