import GerundCore
import GerundMedia
import GerundStream
import Testing

/// The path of a file made by `Fixtures/make.sh`.
func fixture(_ name: String) -> String {
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast()
    return parts.joined(separator: "/") + "/Fixtures/" + name
}

/// A frame that a source delivered, with its pixels.
struct CapturedImage: Sendable {
    var frame: CapturedFrame
    /// `[height, width, 3]`.
    var pixels: [UInt8]
    var width: Int

    /// Returns red, green and blue at a position.
    func color(x: Int, y: Int) -> [Int] {
        (0..<3).map { Int(self.pixels[(y * self.width + x) * 3 + $0]) }
    }
}

/// Everything that a source delivered.
struct Capture: Sendable {
    var frames: [CapturedImage] = []
    var states: [SourceState] = []
    var metrics = FeedMetrics()

    var ticks: [Int64] { self.frames.map(\.frame.tick) }
    var failure: CaptureError? {
        for case .failed(let error) in self.states { return error }
        return nil
    }
}

/// Reads a source to its end, or until it has delivered `limit` frames.
///
/// Calls `onFrame` for each of them before the next.
func capture(
    _ address: String, edge: Int = 32, width: Int? = nil, samplingInterval: Duration = .milliseconds(250),
    pace: CaptureConfiguration.Pace = .unpaced, limit: Int = .max, openTimeout: Duration = .seconds(10),
    stallTimeout: Duration = .seconds(10), decoderThreads: Int? = nil, onFrame: (FrameFeed) async -> Void = { _ in }
) async throws -> Capture {
    let format = FrameFormat(shortestEdge: edge, cropSize: PixelSize(square: width ?? edge))
    let source = MediaSource(
        address: try SourceAddress(address),
        configuration: CaptureConfiguration(
            frameFormat: format, samplingInterval: samplingInterval, pace: pace, openTimeout: openTimeout,
            stallTimeout: stallTimeout, decoderThreads: decoderThreads, backoffSeed: 1))
    let feed = source.start()
    var capture = Capture()
    while capture.frames.count < limit, let item = await feed.next() {
        switch item {
        case .frame(let frame):
            let pixels = feed.withPixels { pixels in pixels.indices.map { pixels[$0] } }
            capture.frames.append(CapturedImage(frame: frame, pixels: pixels, width: format.cropSize.width))
            await onFrame(feed)
        case .state(let state): capture.states.append(state)
        case .dropped: break
        }
    }
    await source.stop()
    capture.metrics = feed.metrics()
    return capture
}

/// Records an issue unless two colors are within `levels` of each other.
func expectColor(
    _ actual: [Int], _ expected: [Int], within levels: Int, sourceLocation: SourceLocation = #_sourceLocation
) {
    let isNear = zip(actual, expected).allSatisfy { abs($0 - $1) <= levels }
    #expect(isNear, "\(actual) is not within \(levels) of \(expected)", sourceLocation: sourceLocation)
}
