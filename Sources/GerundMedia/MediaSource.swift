public import GerundCore
public import GerundStream
import Synchronization

/// A camera, file or stream, read by libav on a thread of its own.
///
///     let source = MediaSource(address: try SourceAddress("rtsp://cam/1#name=door"), configuration: configuration)
///     let feed = source.start()
///     while let item = await feed.next() {
///         if case .frame(let frame) = item { feed.withPixels { pixels in ... } }
///     }
///     await source.stop()
public final class MediaSource: FrameSource {
    public let address: SourceAddress
    public let configuration: CaptureConfiguration

    private let feed: FrameFeed
    private let interrupt = Interrupt()
    private let thread = Mutex<CaptureThread?>(nil)

    public init(address: SourceAddress, configuration: CaptureConfiguration) {
        self.address = address
        self.configuration = configuration
        self.feed = FrameFeed(
            picture: configuration.picture, capacity: configuration.bufferedFrames,
            policy: CaptureLoop.policy(isLive: address.isLive, pace: configuration.pace))
    }

    deinit {
        // Nobody can stop the thread after this; it holds what it needs and ends by itself.
        self.interrupt.cancel()
        self.feed.close()
    }

    public var id: SourceID { self.address.id }

    public func start() -> FrameFeed {
        self.thread.withLock { thread in
            guard thread == nil, !self.interrupt.isCancelled else { return }
            thread = CaptureThread.start(name: self.id.name) { [address, configuration, feed, interrupt] in
                LibAVLog.$speaker.withValue(LibAVLog.Speaker(name: address.id.name)) {
                    var loop = CaptureLoop(
                        address: address, configuration: configuration, feed: feed, interrupt: interrupt)
                    loop.run()
                }
            }
            guard thread == nil else { return }
            self.feed.post(
                .failed(
                    CaptureError(
                        code: .busy, source: self.id,
                        message: "the system gives no more threads; raise the limit (ulimit -u)")))
            self.feed.finish()
        }
        return self.feed
    }

    public func stop() async {
        self.interrupt.cancel()
        self.feed.close()
        await self.thread.withLock { $0 }?.join()
    }
}
