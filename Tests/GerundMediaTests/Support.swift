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

/// A delivered frame with its pixels.
struct Taken: Sendable {
    var frame: CapturedFrame
    var pixels: [UInt8]
    var width: Int

    /// Red, green and blue at a point.
    func color(x: Int, y: Int) -> [Int] {
        (0..<3).map { Int(self.pixels[(y * self.width + x) * 3 + $0]) }
    }
}

/// All that a source delivered.
struct Capture: Sendable {
    var frames: [Taken] = []
    var states: [SourceState] = []
    var metrics = FeedMetrics()

    var slots: [Int64] { self.frames.map(\.frame.slot) }
    var failure: CaptureError? {
        for case .failed(let error) in self.states { return error }
        return nil
    }
}

/// Reads a source to its end, or until it has delivered `limit` frames.
func capture(
    _ address: String, edge: Int = 32, width: Int? = nil, period: Duration = .milliseconds(250),
    pace: CaptureConfiguration.Pace = .fast, limit: Int = .max, openTimeout: Duration = .seconds(10),
    stallTimeout: Duration = .seconds(10), keepTrying: Bool = false
) async throws -> Capture {
    let picture = PictureFormat(shorterEdge: edge, width: width ?? edge, height: width ?? edge)
    let source = MediaSource(
        address: try SourceAddress(address),
        configuration: CaptureConfiguration(
            picture: picture, period: period, pace: pace, openTimeout: openTimeout, stallTimeout: stallTimeout,
            keepTrying: keepTrying, backoffSeed: 1))
    let feed = source.start()
    var capture = Capture()
    while capture.frames.count < limit, let item = await feed.next() {
        switch item {
        case .frame(let frame):
            let pixels = feed.withPixels { pixels in pixels.indices.map { pixels[$0] } }
            capture.frames.append(Taken(frame: frame, pixels: pixels, width: picture.width))
        case .state(let state): capture.states.append(state)
        case .dropped: break
        }
    }
    await source.stop()
    capture.metrics = feed.metrics()
    return capture
}

/// Fails unless the colours are within `levels` of each other.
func expectColor(
    _ actual: [Int], _ expected: [Int], within levels: Int, sourceLocation: SourceLocation = #_sourceLocation
) {
    let isNear = zip(actual, expected).allSatisfy { abs($0 - $1) <= levels }
    #expect(isNear, "\(actual) is not within \(levels) of \(expected)", sourceLocation: sourceLocation)
}
