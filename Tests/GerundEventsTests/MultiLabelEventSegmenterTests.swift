import GerundCore
import GerundEvents
import Testing

@Suite("MultiLabelEventSegmenter")
struct MultiLabelEventSegmenterTests {
    private static let thresholds = EventThresholds(allowsOverlap: true)

    private static func events(
        _ labels: [String], _ thresholds: EventThresholds = Self.thresholds
    ) -> MultiLabelEventSegmenter {
        MultiLabelEventSegmenter(thresholds: thresholds, labels: labels, windowExtent: .seconds(2))
    }

    private func time(_ window: Int) -> MediaTime { MediaTime(seconds: 2 + 0.25 * Double(window)) }

    @Test("Emits overlapping events, each with its own start and end")
    func beside() {
        var events = Self.events(["walking", "waving"])
        var changes: [EventSegmenter.Change] = []
        for window in 0..<40 {
            let scores = [(4..<20).contains(window) ? 0.9 : 0.1, (10..<26).contains(window) ? 0.8 : 0.1]
            changes += events.windowArrived(scores, at: self.time(window))
        }
        #expect(
            changes == [
                .started(label: 0, start: MediaTime(seconds: 2), score: 0.9),
                .started(label: 1, start: MediaTime(seconds: 3.5), score: 0.8),
                .ended(
                    label: 0, start: MediaTime(seconds: 2), end: MediaTime(seconds: 6), peak: 0.9, isInterrupted: false),
                .ended(
                    label: 1, start: MediaTime(seconds: 3.5), end: MediaTime(seconds: 7.5), peak: 0.8,
                    isInterrupted: false),
            ])
    }

    @Test("Applies the thresholds of individual labels")
    func levels() {
        var thresholds = Self.thresholds
        thresholds.labelThresholds = ["waving": HysteresisThresholds(start: 0.95, end: 0.9)]
        var events = Self.events(["walking", "waving"], thresholds)
        let changes = (0..<8).flatMap { events.windowArrived([0.7, 0.9], at: self.time($0)) }
        #expect(changes == [.started(label: 0, start: .zero, score: 0.7)])
    }

    @Test("Ends all events with the stream")
    func end() {
        var events = Self.events(["walking", "waving", "clapping"])
        for window in 0..<8 { _ = events.windowArrived([0.9, 0.1, 0.9], at: self.time(window)) }
        let ends = events.streamEnded(at: self.time(8), isInterrupted: true)
        #expect(ends.count == 2)
        for case .ended(_, let start, let end, _, let isInterrupted) in ends {
            #expect(start == .zero && end == self.time(8) && isInterrupted)
        }
    }

    @Test("Continues events while other labels are added and removed, and ends those of removed labels")
    func change() {
        var events = Self.events(["walking", "waving"])
        for window in 0..<8 { _ = events.windowArrived([0.9, 0.9], at: self.time(window)) }
        let ended = events.reconfigure(
            thresholds: Self.thresholds, smoothingHalfLife: .zero, labels: ["clapping", "waving"], at: self.time(7))
        #expect(ended.count == 1)
        guard case .ended(0, _, _, _, true)? = ended.first else {
            Issue.record("\(ended)")
            return
        }
        #expect((8..<12).flatMap { events.windowArrived([0.1, 0.9], at: self.time($0)) }.isEmpty)
        let ends = events.streamEnded(at: self.time(12), isInterrupted: false)
        #expect(
            ends == [
                .ended(label: 1, start: .zero, end: self.time(12), peak: 0.9, isInterrupted: false)
            ])
    }
}
