import GerundCore
import GerundStream
import GerundTesting
import Synchronization
import Testing

@Suite("A frame feed")
struct FrameFeedTests {
    private static let picture = PictureFormat(shorterEdge: 8, width: 8, height: 8)
    private let start = ContinuousClock.now

    private func frame(_ slot: Int64) -> CapturedFrame {
        CapturedFrame(
            time: MediaTime(seconds: Double(slot)), slot: slot, segment: 0, arrival: self.start + .seconds(slot))
    }

    private func offer(_ slot: Int64, to feed: FrameFeed) {
        feed.offer(self.frame(slot)) { pixels in
            SyntheticPicture.noise(number: Int(slot)).fill(&pixels, width: Self.picture.width)
        }
    }

    private func isIntact(_ slot: Int64, in feed: FrameFeed) -> Bool {
        feed.withPixels { pixels in
            pixels.count == Self.picture.byteCount
                && pixels.indices.allSatisfy {
                    pixels[$0] == SyntheticPicture.noise(number: Int(slot)).value(at: $0, width: 8, height: 8)
                }
        }
    }

    @Test("delivers frames and changes of state in order, then finishes")
    func order() async {
        let feed = FrameFeed(picture: Self.picture, capacity: 4, policy: .dropOldest)
        feed.post(.opened(ScriptedFrameSource.description))
        self.offer(0, to: feed)
        self.offer(1, to: feed)
        feed.post(.lost(reason: "no packet for 10 s", retryIn: .seconds(2)))
        feed.post(.opened(ScriptedFrameSource.description))
        self.offer(2, to: feed)
        feed.post(.ended)
        feed.finish()
        var items: [FeedItem] = []
        while let item = await feed.next() {
            items.append(item)
            if case .frame(let frame) = item { #expect(self.isIntact(frame.slot, in: feed)) }
        }
        #expect(
            items == [
                .state(.opened(ScriptedFrameSource.description)), .frame(self.frame(0)), .frame(self.frame(1)),
                .state(.lost(reason: "no packet for 10 s", retryIn: .seconds(2))),
                .state(.opened(ScriptedFrameSource.description)), .frame(self.frame(2)), .state(.ended),
            ])
        #expect(await feed.next() == nil)
    }

    @Test("drops the oldest frames when the consumer is behind, and tells how many in their place")
    func dropsOldest() async {
        let feed = FrameFeed(picture: Self.picture, capacity: 2, policy: .dropOldest)
        feed.post(.opened(ScriptedFrameSource.description))
        for slot in 0..<6 { self.offer(Int64(slot), to: feed) }
        feed.post(.ended)
        for slot in 6..<9 { self.offer(Int64(slot), to: feed) }
        feed.finish()
        var items: [FeedItem] = []
        while let item = await feed.next() { items.append(item) }
        #expect(
            items == [
                .state(.opened(ScriptedFrameSource.description)), .dropped(count: 6, since: .zero), .state(.ended),
                .dropped(count: 1, since: MediaTime(seconds: 6)), .frame(self.frame(7)), .frame(self.frame(8)),
            ])
        let metrics = feed.metrics()
        #expect(metrics.offered == 9 && metrics.dropped == 7 && metrics.delivered == 2 && metrics.depth == 0)
    }

    @Test("never drops or overwrites the frame that is lent")
    func lentFrameStays() async {
        let feed = FrameFeed(picture: Self.picture, capacity: 1, policy: .dropOldest)
        self.offer(0, to: feed)
        #expect(await feed.next() == .frame(self.frame(0)))
        for slot in 1..<20 {
            self.offer(Int64(slot), to: feed)
            #expect(self.isIntact(0, in: feed))
        }
        #expect(await feed.next() == .dropped(count: 18, since: MediaTime(seconds: 1)))
        #expect(await feed.next() == .frame(self.frame(19)))
        #expect(self.isIntact(19, in: feed))
    }

    @Test("counts depth and age")
    func metrics() {
        let feed = FrameFeed(picture: Self.picture, capacity: 4, policy: .dropOldest)
        #expect(feed.metrics(now: self.start).age == nil)
        self.offer(0, to: feed)
        self.offer(1, to: feed)
        feed.count(decoded: 50, damaged: 1)
        let metrics = feed.metrics(now: self.start + .seconds(3))
        #expect(metrics.depth == 2 && metrics.age == .seconds(3))
        #expect(metrics.decoded == 50 && metrics.damaged == 1)
    }

    @Test("offers nothing when filling fails, and loses no room by it")
    func fillingFails() async {
        struct Failure: Error, Equatable {}
        let feed = FrameFeed(picture: Self.picture, capacity: 1, policy: .dropOldest)
        for _ in 0..<10 {
            #expect(throws: Failure()) {
                try feed.offer(self.frame(0)) { (_: inout MutableSpan<UInt8>) throws(Failure) in throw Failure() }
            }
        }
        self.offer(1, to: feed)
        #expect(await feed.next() == .frame(self.frame(1)))
    }

    @Test("loses nothing when the producer waits")
    func waits() async {
        let source = ScriptedFrameSource(
            id: SourceID("file"), picture: Self.picture, capacity: 2,
            steps: [.frames(count: 1000, from: .zero, period: .milliseconds(40)), .state(.ended)])
        let feed = source.start()
        var slots: [Int64] = []
        while let item = await feed.next() {
            guard case .frame(let frame) = item else { continue }
            slots.append(frame.slot)
            #expect(self.isIntact(frame.slot, in: feed))
        }
        #expect(slots == Array(0..<1000))
        #expect(feed.metrics().dropped == 0)
        await source.stop()
    }

    @Test("keeps every picture whole while a fast producer overtakes its consumer")
    func overtaking() async {
        let source = ScriptedFrameSource(
            id: SourceID("camera"), picture: Self.picture, capacity: 2, policy: .dropOldest,
            steps: [.frames(count: 20_000, from: .zero, period: .milliseconds(40))])
        let feed = source.start()
        var delivered = 0
        var dropped = 0
        var last: Int64 = -1
        while let item = await feed.next() {
            switch item {
            case .frame(let frame):
                delivered += 1
                #expect(frame.slot > last)
                #expect(self.isIntact(frame.slot, in: feed))
                last = frame.slot
            case .dropped(let count, _): dropped += count
            case .state: break
            }
        }
        #expect(delivered + dropped == 20_000)
        #expect(last == 19_999)
        await source.stop()
    }

    @Test("wakes a waiting producer when it is closed")
    func closeWakesProducer() async {
        let source = ScriptedFrameSource(
            id: SourceID("file"), picture: Self.picture, capacity: 1,
            steps: [.frames(count: 1_000_000, from: .zero, period: .milliseconds(40))])
        let feed = source.start()
        #expect(await feed.next() != nil)
        await source.stop()
        #expect(await feed.next() == nil)
        #expect(feed.offer(self.frame(0)) { _ in } == false)
    }

    @Test("returns nil to a waiting consumer whose task is cancelled, and lives on", .timeLimit(.minutes(1)))
    func cancellation() async {
        let feed = FrameFeed(picture: Self.picture, capacity: 2, policy: .dropOldest)
        for _ in 0..<200 {
            let consumer = Task { await feed.next() }
            consumer.cancel()
            #expect(await consumer.value == nil)
        }
        self.offer(0, to: feed)
        #expect(await feed.next() == .frame(self.frame(0)))
    }

    @Test("returns nil to a task that is cancelled although frames wait, and keeps them")
    func cancellationWithFramesWaiting() async {
        let feed = FrameFeed(picture: Self.picture, capacity: 4, policy: .dropOldest)
        for slot in 0..<4 { self.offer(Int64(slot), to: feed) }
        let consumer = Task {
            let first = await feed.next()
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return (first, await feed.next(), await feed.next())
        }
        let items = await consumer.value
        #expect(items.0 == .frame(self.frame(0)))
        #expect(items.1 == nil && items.2 == nil)
        #expect(feed.metrics().depth == 3)
        for slot in 1..<4 { #expect(await feed.next() == .frame(self.frame(Int64(slot)))) }
    }

    @Test("ends a consumer that is cancelled while frames come faster than it reads", .timeLimit(.minutes(1)))
    func cancellationOfABusyConsumer() async {
        let source = ScriptedFrameSource(
            id: SourceID("file"), picture: Self.picture,
            steps: [.frames(count: 1_000_000, from: .zero, period: .milliseconds(40))])
        let feed = source.start()
        let consumer = Task { while await feed.next() != nil {} }
        while feed.metrics().delivered < 100 { await Task.yield() }
        consumer.cancel()
        await consumer.value
        #expect(feed.metrics().delivered < 1_000_000)
        await source.stop()
    }

    @Test("wakes a waiting consumer by a frame, a state, the finish and the close", .timeLimit(.minutes(1)))
    func wakesConsumer() async {
        let feed = FrameFeed(picture: Self.picture, capacity: 2, policy: .dropOldest)
        async let first = feed.next()
        self.offer(0, to: feed)
        #expect(await first == .frame(self.frame(0)))
        async let second = feed.next()
        feed.post(.ended)
        #expect(await second == .state(.ended))
        async let third = feed.next()
        feed.finish()
        #expect(await third == nil)
        let other = FrameFeed(picture: Self.picture, capacity: 2, policy: .dropOldest)
        async let fourth = other.next()
        other.close()
        #expect(await fourth == nil)
    }

    @Test("keeps the newest changes of state when nobody reads, and counts the others")
    func boundedStates() async {
        let feed = FrameFeed(picture: Self.picture, capacity: 2, policy: .dropOldest)
        for slot in 0..<10_000 {
            feed.post(.lost(reason: "\(slot)", retryIn: .seconds(1)))
            self.offer(Int64(slot), to: feed)
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
        #expect(items.suffix(2) == [.state(.lost(reason: "9999", retryIn: .seconds(1))), .frame(self.frame(9999))])
        #expect(feed.metrics().statesDropped == 10_000 - 64)
    }

    @Test("returns from stop when nothing of a silent source runs any more", .timeLimit(.minutes(1)))
    func stopsSilentSource() async {
        for _ in 0..<50 {
            let source = ScriptedFrameSource(
                id: SourceID("camera"), picture: Self.picture,
                steps: [.state(.opened(ScriptedFrameSource.description)), .hold])
            let feed = source.start()
            #expect(await feed.next() == .state(.opened(ScriptedFrameSource.description)))
            async let waiting = feed.next()
            await source.stop()
            #expect(await waiting == nil)
        }
    }
}
