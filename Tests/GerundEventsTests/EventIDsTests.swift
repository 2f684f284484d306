import FoundationEssentials
import GerundCore
import GerundEvents
import Testing

@Suite("Ids of events")
struct EventIDsTests {
    private let now = Date(timeIntervalSince1970: 1_795_458_012.25)
    private static let digits = Set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")

    private func derived(
        _ seed: String = "clip.mp4 sha256:00", _ label: String = "walking", at seconds: Double
    ) -> String {
        EventIDs.derived(from: seed).make(label: label, start: MediaTime(seconds: seconds), now: self.now)
    }

    @Test("are 26 characters of Crockford's base 32")
    func form() {
        for seconds in [0, 0.25, 12, 1e6] {
            let derived = self.derived(at: seconds)
            let random = EventIDs.random.make(label: "walking", start: MediaTime(seconds: seconds), now: self.now)
            for id in [derived, random] {
                #expect(id.count == 26 && id.allSatisfy(Self.digits.contains), "\(id)")
            }
        }
    }

    @Test("hold the wall clock of a live source's event, as the specification of ULIDs has it")
    func clock() {
        // The specification's example: 1469918176385 ms is 01ARYZ6S41.
        let id = EventIDs.random.make(label: "a", start: .zero, now: Date(timeIntervalSince1970: 1_469_918_176.385))
        #expect(id.hasPrefix("01ARYZ6S41"))
    }

    @Test("sort by time")
    func order() {
        let random = (0..<500).map {
            EventIDs.random.make(label: "a", start: .zero, now: self.now.addingTimeInterval(Double($0) * 0.002))
        }
        #expect(random == random.sorted())
        let derived = (0..<500).map { self.derived(at: Double($0) * 0.25) }
        #expect(derived == derived.sorted())
    }

    @Test("of a file repeat on the next run, and differ by what, where and when")
    func derivation() {
        let id = self.derived(at: 4)
        #expect(self.derived(at: 4) == id)
        #expect(
            EventIDs.derived(from: "clip.mp4 sha256:00").make(
                label: "walking", start: MediaTime(seconds: 4), now: .distantPast) == id)
        let others = [
            self.derived("clip.mp4 sha256:01", at: 4), self.derived("clip2.mp4 sha256:00", at: 4),
            self.derived("clip.mp4 sha256:00", "running", at: 4), self.derived(at: 4.25),
            self.derived(at: 4.000_000_001),
        ]
        #expect(Set(others + [id]).count == 6)
    }

    @Test("never repeat by chance among many events")
    func uniqueness() {
        let random = Set((0..<20_000).map { _ in EventIDs.random.make(label: "a", start: .zero, now: self.now) })
        #expect(random.count == 20_000)
        let derived = Set((0..<20_000).map { self.derived("f", "l\($0 % 10)", at: Double($0 / 10) * 0.04) })
        #expect(derived.count == 20_000)
    }

    @Test("stay valid for clocks before 1970 and media times before zero")
    func extremes() {
        #expect(EventIDs.random.make(label: "a", start: .zero, now: .distantPast).hasPrefix("0000000000"))
        #expect(self.derived(at: -3).hasPrefix("0000000000"))
    }
}
