public import GerundCore
public import GerundStream
import Synchronization

/// A camera, file or stream that libav reads on a dedicated thread.
///
///     let source = MediaSource(address: try SourceAddress("rtsp://cam/1#name=door"), configuration: configuration)
///     let feed = source.start()
///     while let item = await feed.next() {
///         if case .frame(let frame) = item { feed.withPixels { pixels in ... } }
///     }
///     await source.stop()
public final class MediaSource: FrameSource {
    /// The address that is opened.
    public let address: SourceAddress
    /// The options with which the source is captured.
    public let configuration: CaptureConfiguration

    private let feed: FrameFeed
    private let interrupt = InterruptToken()
    private let thread = Mutex<DedicatedThread?>(nil)

    /// Creates a source without opening it.
    ///
    /// - Parameters:
    ///   - address: The address to open.
    ///   - configuration: The options with which the source is captured.
    public init(address: SourceAddress, configuration: CaptureConfiguration) {
        self.address = address
        self.configuration = configuration
        self.feed = FrameFeed(
            frameFormat: configuration.frameFormat, capacity: configuration.bufferCapacity,
            policy: CaptureLoop.overflowPolicy(isLive: address.isLive, pace: configuration.pace))
    }

    deinit {
        // After this, nothing can stop the thread, which holds what it needs and must end by itself.
        self.interrupt.cancel()
        self.feed.close()
    }

    /// The source's name in every record.
    public var id: SourceID { self.address.id }

    /// Starts capturing and returns at once.
    ///
    /// Failures, opening included, are reported through the feed.
    ///
    /// - Returns: The source's only feed. Starting again returns the same one.
    public func start() -> FrameFeed {
        self.thread.withLock { thread in
            guard thread == nil, !self.interrupt.isCancelled else { return }
            do throws(ThreadCreationError) {
                thread = try DedicatedThread.start(name: self.id.name) { [address, configuration, feed, interrupt] in
                    LibAVLog.$current.withValue(LibAVLog.Context(name: address.id.name)) {
                        var loop = CaptureLoop(
                            address: address, configuration: configuration, feed: feed, interrupt: interrupt)
                        loop.run()
                    }
                }
            } catch {
                self.feed.send(.failed(CaptureError(code: .busy, source: self.id, message: error.reason)))
                self.feed.finish()
            }
        }
        return self.feed
    }

    /// Stops capturing in any state, closes the feed, and returns when the source's thread has ended.
    public func stop() async {
        self.interrupt.cancel()
        self.feed.close()
        await self.thread.withLock { $0 }?.join()
    }
}
