public import GerundCore
public import GerundStream
import Synchronization

/// A frame source that plays a script, as fast as its consumer takes the frames.
///
///     let source = ScriptedFrameSource(id: SourceID("door"), frameFormat: format, steps: [
///         .state(.connected(ScriptedFrameSource.description)),
///         .frames(count: 8, from: .zero, period: .seconds(1)),
///         .state(.ended),
///     ])
public final class ScriptedFrameSource: FrameSource {
    /// A step of the script.
    public enum Step: Sendable {
        /// Sends a state.
        case state(SourceState)
        /// Sends one frame. The default pixels are ``SyntheticFrame/noise(number:)`` of the frame's number in the
        /// script.
        case frame(CapturedFrame, SyntheticFrame? = nil)
        /// Sends evenly spaced frames, the first at `from`, with ticks counted from `firstTick`.
        case frames(count: Int, from: MediaTime, period: Duration, firstTick: Int64 = 0, segment: Int = 0)
        /// Stalls like a camera that stops sending: nothing more is sent until the source is stopped.
        case stall
    }

    /// The description of a camera, for scripts that need any.
    public static let description = StreamInfo(
        codec: "h264", container: "rtsp", width: 640, height: 360, pixelFormat: "yuv420p", frameRate: 25, isLive: true)

    /// The name of the source in records.
    public let id: SourceID
    private let steps: [Step]
    private let feed: FrameFeed
    private let thread = Mutex<DedicatedThread?>(nil)
    private let hasStopped = Atomic(false)

    /// Creates a source that hasn't started.
    ///
    /// - Parameters:
    ///   - id: The name of the source in records.
    ///   - frameFormat: The format of the frames.
    ///   - capacity: The maximum number of frames in the feed. The default is 4.
    ///   - policy: The behavior of a full feed. With `block`, the default, no frame is dropped and a test is
    ///     deterministic.
    ///   - steps: The script.
    public init(
        id: SourceID, frameFormat: FrameFormat, capacity: Int = 4, policy: OverflowPolicy = .block, steps: [Step]
    ) {
        self.id = id
        self.steps = steps
        self.feed = FrameFeed(frameFormat: frameFormat, capacity: capacity, policy: policy)
    }

    /// Starts the script on a thread with the source's name, and returns the feed.
    ///
    /// Further calls return the same feed.
    public func start() -> FrameFeed {
        self.thread.withLock { thread in
            guard thread == nil, !self.hasStopped.load(ordering: .acquiring) else { return }
            let run = Run(steps: self.steps, feed: self.feed)
            thread = try? DedicatedThread.start(name: self.id.name) { run.run() }
            if thread == nil { self.feed.finish() }
        }
        return self.feed
    }

    /// Closes the feed and waits until the thread has ended.
    public func stop() async {
        self.hasStopped.store(true, ordering: .releasing)
        self.feed.close()
        await self.thread.withLock { $0 }?.join()
    }

    private struct Run: Sendable {
        let steps: [Step]
        let feed: FrameFeed

        func run() {
            // Arrival times are synthetic as well, so that no test depends on when it runs.
            let start = ContinuousClock.now
            var number = 0
            for step in self.steps {
                switch step {
                case .state(let state): self.feed.send(state)
                case .stall: return
                case .frame(let frame, let pixels):
                    self.send(frame, pixels ?? .noise(number: number))
                    number += 1
                case .frames(let count, let first, let period, let firstTick, let segment):
                    for index in 0..<count {
                        let offset = period * index
                        self.send(
                            CapturedFrame(
                                time: first + offset, tick: firstTick + Int64(index), segment: segment,
                                arrival: start + (first + offset - .zero)),
                            .noise(number: number))
                        number += 1
                    }
                }
            }
            self.feed.finish()
        }

        private func send(_ frame: CapturedFrame, _ content: SyntheticFrame) {
            self.feed.send(frame) { pixels in content.fill(&pixels, width: self.feed.frameFormat.cropSize.width) }
        }
    }
}
