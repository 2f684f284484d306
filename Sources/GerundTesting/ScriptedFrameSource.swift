public import GerundCore
public import GerundStream
import Synchronization

/// A source that does what a test has written down, as fast as its consumer takes it.
///
///     let source = ScriptedFrameSource(id: SourceID("door"), picture: format, steps: [
///         .state(.opened(ScriptedFrameSource.description)),
///         .frames(count: 8, from: .zero, period: .seconds(1)),
///         .state(.ended),
///     ])
public final class ScriptedFrameSource: FrameSource {
    public enum Step: Sendable {
        case state(SourceState)
        /// One frame. Its number in the script makes its ``SyntheticPicture/noise(number:)`` unless one is given.
        case frame(CapturedFrame, SyntheticPicture? = nil)
        /// Evenly spaced frames, the first at `from`, with slots counted from `firstSlot`.
        case frames(count: Int, from: MediaTime, period: Duration, firstSlot: Int64 = 0, segment: Int = 0)
        /// Nothing comes any more until the source is stopped: a camera that stalls.
        case hold
    }

    /// A camera's description for scripts that don't care.
    public static let description = SourceDescription(
        codec: "h264", container: "rtsp", width: 640, height: 360, pixelFormat: "yuv420p", frameRate: 25, isLive: true)

    public let id: SourceID
    private let steps: [Step]
    private let feed: FrameFeed
    private let thread = Mutex<CaptureThread?>(nil)
    private let hasStopped = Atomic(false)

    /// - Parameters:
    ///   - capacity: The feed's, in frames.
    ///   - policy: With ``FeedPolicy/wait``, the default, nothing is lost and a test is deterministic.
    public init(
        id: SourceID, picture: PictureFormat, capacity: Int = 4, policy: FeedPolicy = .wait, steps: [Step]
    ) {
        self.id = id
        self.steps = steps
        self.feed = FrameFeed(picture: picture, capacity: capacity, policy: policy)
    }

    public func start() -> FrameFeed {
        self.thread.withLock { thread in
            guard thread == nil, !self.hasStopped.load(ordering: .acquiring) else { return }
            let run = Run(steps: self.steps, feed: self.feed)
            thread = CaptureThread.start(name: "scripted") { run.run() }
            if thread == nil { self.feed.finish() }
        }
        return self.feed
    }

    public func stop() async {
        self.hasStopped.store(true, ordering: .releasing)
        self.feed.close()
        await self.thread.withLock { $0 }?.join()
    }

    private struct Run: Sendable {
        let steps: [Step]
        let feed: FrameFeed

        func run() {
            // Arrivals are made up too, so that nothing in a test depends on when it runs.
            let start = ContinuousClock.now
            var number = 0
            for step in self.steps {
                switch step {
                case .state(let state): self.feed.post(state)
                case .hold: return
                case .frame(let frame, let picture):
                    self.offer(frame, picture ?? .noise(number: number))
                    number += 1
                case .frames(let count, let first, let period, let firstSlot, let segment):
                    for index in 0..<count {
                        let offset = period * index
                        self.offer(
                            CapturedFrame(
                                time: first + offset, slot: firstSlot + Int64(index), segment: segment,
                                arrival: start + (first + offset - .zero)),
                            .noise(number: number))
                        number += 1
                    }
                }
            }
            self.feed.finish()
        }

        private func offer(_ frame: CapturedFrame, _ picture: SyntheticPicture) {
            self.feed.offer(frame) { pixels in picture.fill(&pixels, width: self.feed.picture.width) }
        }
    }
}
