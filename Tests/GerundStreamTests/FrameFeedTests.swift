import GerundCore
import GerundStream
import GerundTesting
import Testing

@Suite("FrameFeed", .timeLimit(.minutes(10)))
struct FrameFeedTests {
    private static let format = FrameFormat(shortestEdge: 8, cropSize: PixelSize(square: 8))
    private let start = ContinuousClock.now

    private func frame(_ tick: Int64) -> CapturedFrame {
        CapturedFrame(
            time: MediaTime(seconds: Double(tick)), tick: tick, segment: 0, arrival: self.start + .seconds(tick))
    }

    private func send(_ tick: Int64, to feed: FrameFeed) {
        feed.send(self.frame(tick)) { pixels in
            SyntheticFrame.noise(number: Int(tick)).fill(&pixels, width: Self.format.cropSize.width)
        }
    }

    private func isIntact(_ tick: Int64, in feed: FrameFeed) -> Bool {
        feed.withPixels { pixels in
            pixels.count == Self.format.byteCount
                && pixels.indices.allSatisfy {
                    pixels[$0] == SyntheticFrame.noise(number: Int(tick)).value(at: $0, width: 8, height: 8)
                }
        }
    }

    /// Suspends until the consumer is suspended in `next()`.
    private func waitForConsumer(of feed: FrameFeed) async {
        while !feed.isConsumerWaiting { await Task.yield() }
    }

    @Test("Delivers frames and changes of state in order, then finishes")
    func order() async {
        let feed = FrameFeed(frameFormat: Self.format, capacity: 4, policy: .dropOldest)
        feed.send(.connected(ScriptedFrameSource.description))
        self.send(0, to: feed)
        self.send(1, to: feed)
        feed.send(.disconnected(reason: "no packet for 10 s", retryAfter: .seconds(2)))
        feed.send(.connected(ScriptedFrameSource.description))
        self.send(2, to: feed)
        feed.send(.ended)
        feed.finish()
        var items: [FeedItem] = []
        while let item = await feed.next() {
            items.append(item)
            if case .frame(let frame) = item { #expect(self.isIntact(frame.tick, in: feed)) }
        }
        #expect(
            items == [
                .state(.connected(ScriptedFrameSource.description)), .frame(self.frame(0)), .frame(self.frame(1)),
                .state(.disconnected(reason: "no packet for 10 s", retryAfter: .seconds(2))),
                .state(.connected(ScriptedFrameSource.description)), .frame(self.frame(2)), .state(.ended),
            ])
        #expect(await feed.next() == nil)
    }

    @Test("Drops the oldest frames when the buffer is full, and reports their number in their position")
    func dropsOldest() async {
        let feed = FrameFeed(frameFormat: Self.format, capacity: 2, policy: .dropOldest)
        feed.send(.connected(ScriptedFrameSource.description))
        for tick in 0..<6 { self.send(Int64(tick), to: feed) }
        feed.send(.ended)
        for tick in 6..<9 { self.send(Int64(tick), to: feed) }
        feed.finish()
        var items: [FeedItem] = []
        while let item = await feed.next() { items.append(item) }
        #expect(
            items == [
                .state(.connected(ScriptedFrameSource.description)), .dropped(count: 6, since: .zero), .state(.ended),
                .dropped(count: 1, since: MediaTime(seconds: 6)), .frame(self.frame(7)), .frame(self.frame(8)),
            ])
        let metrics = feed.metrics()
        #expect(metrics.enqueued == 9 && metrics.dropped == 7 && metrics.dequeued == 2 && metrics.depth == 0)
    }

    @Test("Drops nothing at exactly the capacity")
    func atCapacity() async {
        let feed = FrameFeed(frameFormat: Self.format, capacity: 3, policy: .dropOldest)
        for tick in 0..<3 { self.send(Int64(tick), to: feed) }
        #expect(feed.metrics().dropped == 0 && feed.metrics().depth == 3)
        self.send(3, to: feed)
        #expect(feed.metrics().dropped == 1 && feed.metrics().depth == 3)
        #expect(await feed.next() == .dropped(count: 1, since: .zero))
        #expect(await feed.next() == .frame(self.frame(1)))
    }

    @Test("Never drops or overwrites the frame that the consumer holds")
    func lentFrameStays() async {
        let feed = FrameFeed(frameFormat: Self.format, capacity: 1, policy: .dropOldest)
        self.send(0, to: feed)
        #expect(await feed.next() == .frame(self.frame(0)))
        for tick in 1..<20 {
            self.send(Int64(tick), to: feed)
            #expect(self.isIntact(0, in: feed))
        }
        #expect(await feed.next() == .dropped(count: 18, since: MediaTime(seconds: 1)))
        #expect(await feed.next() == .frame(self.frame(19)))
        #expect(self.isIntact(19, in: feed))
    }

    @Test("Reports the depth of the buffer and the age of its oldest frame")
    func metrics() async {
        let feed = FrameFeed(frameFormat: Self.format, capacity: 4, policy: .dropOldest)
        #expect(feed.metrics(now: self.start).oldestAge == nil)
        self.send(0, to: feed)
        self.send(1, to: feed)
        feed.recordDecoded(50, corrupt: 1)
        let metrics = feed.metrics(now: self.start + .seconds(3))
        #expect(metrics.depth == 2 && metrics.oldestAge == .seconds(3))
        #expect(metrics.decoded == 50 && metrics.corrupt == 1)
        _ = await feed.next()
        #expect(feed.metrics(now: self.start + .seconds(3)).oldestAge == .seconds(2))
    }

    @Test("Sends no frame if writing its pixels fails, and reuses its slot")
    func writingFails() async {
        struct Failure: Error, Equatable {}
        let feed = FrameFeed(frameFormat: Self.format, capacity: 1, policy: .dropOldest)
        for _ in 0..<10 {
            #expect(throws: Failure()) {
                try feed.send(self.frame(0)) { (_: inout MutableSpan<UInt8>) throws(Failure) in throw Failure() }
            }
        }
        #expect(feed.metrics().enqueued == 0)
        self.send(1, to: feed)
        #expect(await feed.next() == .frame(self.frame(1)))
    }

    @Test("Drops nothing if the producer blocks, and blocks it")
    func blocks() async {
        let source = ScriptedFrameSource(
            id: SourceID("file"), frameFormat: Self.format, capacity: 2,
            steps: [.frames(count: 1000, from: .zero, period: .milliseconds(40)), .state(.ended)])
        let feed = source.start()
        // The consumer hasn't started: the producer fills the buffer and then blocks.
        while !feed.isProducerWaiting { await Task.yield() }
        #expect(feed.metrics().enqueued == 2)
        var ticks: [Int64] = []
        while let item = await feed.next() {
            guard case .frame(let frame) = item else { continue }
            ticks.append(frame.tick)
            #expect(self.isIntact(frame.tick, in: feed))
        }
        #expect(ticks == Array(0..<1000))
        #expect(feed.metrics().dropped == 0)
        await source.stop()
    }

    @Test("Delivers intact pixels while a fast producer overtakes its consumer")
    func overtaking() async {
        let source = ScriptedFrameSource(
            id: SourceID("camera"), frameFormat: Self.format, capacity: 2, policy: .dropOldest,
            steps: [.frames(count: 20_000, from: .zero, period: .milliseconds(40))])
        let feed = source.start()
        // Until the buffer has overflowed once, so that the consumer is certainly behind.
        while feed.metrics().dropped == 0 { await Task.yield() }
        var delivered = 0
        var dropped = 0
        var last: Int64 = -1
        while let item = await feed.next() {
            switch item {
            case .frame(let frame):
                delivered += 1
                #expect(frame.tick > last)
                #expect(self.isIntact(frame.tick, in: feed))
                last = frame.tick
            case .dropped(let count, let since):
                // Exactly the ticks between the frame before and the frame after.
                #expect(since == MediaTime(seconds: 0) + .milliseconds(40) * Int(last + 1))
                dropped += count
                last += Int64(count)
            case .state: break
            }
        }
        #expect(dropped > 0 && dropped == feed.metrics().dropped)
        #expect(delivered + dropped == 20_000)
        #expect(last == 19_999)
        await source.stop()
    }

    @Test("Wakes a blocked producer when the feed is closed")
    func closeWakesProducer() async {
        let source = ScriptedFrameSource(
            id: SourceID("file"), frameFormat: Self.format, capacity: 1,
            steps: [.frames(count: 1_000_000, from: .zero, period: .milliseconds(40))])
        let feed = source.start()
        #expect(await feed.next() != nil)
        while !feed.isProducerWaiting { await Task.yield() }
        await source.stop()
        #expect(await feed.next() == nil)
        #expect(feed.send(self.frame(0)) { _ in } == false)
    }

    @Test("Adopts another overflow policy at once")
    func changesPolicy() async {
        let feed = FrameFeed(frameFormat: Self.format, capacity: 1, policy: .block)
        self.send(0, to: feed)
        feed.overflowPolicy = .dropOldest
        #expect(feed.overflowPolicy == .dropOldest)
        // Would block this thread forever under the first policy.
        self.send(1, to: feed)
        #expect(await feed.next() == .dropped(count: 1, since: .zero))
        #expect(await feed.next() == .frame(self.frame(1)))
    }

    @Test("Returns nil to a waiting consumer whose task is cancelled, and continues to deliver")
    func cancellation() async {
        let feed = FrameFeed(frameFormat: Self.format, capacity: 2, policy: .dropOldest)
        for _ in 0..<200 {
            let consumer = Task { await feed.next() }
            await self.waitForConsumer(of: feed)
            consumer.cancel()
            #expect(await consumer.value == nil)
            #expect(!feed.isConsumerWaiting)
        }
        self.send(0, to: feed)
        #expect(await feed.next() == .frame(self.frame(0)))
    }

    @Test("Returns nil to a consumer whose task is cancelled around the moment at which it suspends")
    func cancellationRace() async {
        let feed = FrameFeed(frameFormat: Self.format, capacity: 2, policy: .dropOldest)
        for _ in 0..<200 {
            let consumer = Task { await feed.next() }
            consumer.cancel()
            #expect(await consumer.value == nil)
        }
    }

    @Test("Returns nil to a cancelled task although frames are waiting, and keeps them")
    func cancellationWithFramesWaiting() async {
        let feed = FrameFeed(frameFormat: Self.format, capacity: 4, policy: .dropOldest)
        for tick in 0..<4 { self.send(Int64(tick), to: feed) }
        let consumer = Task {
            let first = await feed.next()
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return (first, await feed.next(), await feed.next())
        }
        let items = await consumer.value
        #expect(items.0 == .frame(self.frame(0)))
        #expect(items.1 == nil && items.2 == nil)
        #expect(feed.metrics().depth == 3)
        for tick in 1..<4 { #expect(await feed.next() == .frame(self.frame(Int64(tick)))) }
    }

    @Test("Ends a consumer that is cancelled while frames arrive faster than it takes them")
    func cancellationOfABusyConsumer() async {
        let source = ScriptedFrameSource(
            id: SourceID("file"), frameFormat: Self.format,
            steps: [.frames(count: 1_000_000, from: .zero, period: .milliseconds(40))])
        let feed = source.start()
        let consumer = Task { while await feed.next() != nil {} }
        while feed.metrics().dequeued < 100 { await Task.yield() }
        consumer.cancel()
        await consumer.value
        #expect(feed.metrics().dequeued < 1_000_000)
        await source.stop()
    }

    @Test("Wakes a waiting consumer for a frame, a state, the finish and the close")
    func wakesConsumer() async {
        let feed = FrameFeed(frameFormat: Self.format, capacity: 2, policy: .dropOldest)
        async let first = feed.next()
        await self.waitForConsumer(of: feed)
        self.send(0, to: feed)
        #expect(await first == .frame(self.frame(0)))
        async let second = feed.next()
        await self.waitForConsumer(of: feed)
        feed.send(.ended)
        #expect(await second == .state(.ended))
        async let third = feed.next()
        await self.waitForConsumer(of: feed)
        feed.finish()
        #expect(await third == nil)
        let other = FrameFeed(frameFormat: Self.format, capacity: 2, policy: .dropOldest)
        async let fourth = other.next()
        await self.waitForConsumer(of: other)
        other.close()
        #expect(await fourth == nil)
    }

    @Test("Keeps the newest changes of state if the consumer stalls, and counts the others")
    func boundedStates() async {
        let feed = FrameFeed(frameFormat: Self.format, capacity: 2, policy: .dropOldest)
        for tick in 0..<10_000 {
            feed.send(.disconnected(reason: "\(tick)", retryAfter: .seconds(1)))
            self.send(Int64(tick), to: feed)
        }
        feed.finish()
        var items: [FeedItem] = []
        var dropped = 0
        while let item = await feed.next() {
            items.append(item)
            if case .dropped(let count, _) = item { dropped += count }
        }
        #expect(items.count <= 2 * 64 + 3)
        #expect(dropped == 9998)
        #expect(
            items.suffix(2) == [
                .state(.disconnected(reason: "9999", retryAfter: .seconds(1))), .frame(self.frame(9999)),
            ])
        #expect(feed.metrics().statesDropped == 10_000 - 64)
    }

    @Test("Wakes the consumer of a stalled source that is stopped")
    func stopsStalledSource() async {
        for _ in 0..<50 {
            let source = ScriptedFrameSource(
                id: SourceID("camera"), frameFormat: Self.format,
                steps: [.state(.connected(ScriptedFrameSource.description)), .stall])
            let feed = source.start()
            #expect(await feed.next() == .state(.connected(ScriptedFrameSource.description)))
            async let waiting = feed.next()
            await self.waitForConsumer(of: feed)
            await source.stop()
            #expect(await waiting == nil)
        }
    }
}
