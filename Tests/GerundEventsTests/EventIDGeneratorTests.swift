import FoundationEssentials
import GerundCore
import GerundEvents
import Testing

@Suite("EventIDGenerator")
struct EventIDGeneratorTests {
    private let now = Date(timeIntervalSince1970: 1_795_458_012.25)
    private static let digits = Set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")

    private func deterministic(
        _ seed: String = "clip.mp4 sha256:00", _ label: String = "walking", at seconds: Double
    ) -> String {
        EventIDGenerator.deterministic(seed: seed)
            .make(label: label, start: MediaTime(seconds: seconds), startTime: self.now)
    }

    private func random(at time: Date, start: MediaTime = .zero) -> String {
        EventIDGenerator.random.make(label: "walking", start: start, startTime: time)
    }

    @Test("Identifiers are 26 digits of Crockford's base 32")
    func form() {
        for seconds in [0, 0.25, 12, 1e6] {
            let ids = [
                self.deterministic(at: seconds), self.random(at: self.now, start: MediaTime(seconds: seconds)),
            ]
            for id in ids {
                #expect(id.count == 26 && id.allSatisfy(Self.digits.contains), "\(id)")
            }
        }
    }

    @Test("Random identifiers contain the wall clock of the start, as the specification of ULIDs has it")
    func clock() {
        // The specification's example: 1469918176385 ms is 01ARYZ6S41.
        #expect(self.random(at: Date(timeIntervalSince1970: 1_469_918_176.385)).hasPrefix("01ARYZ6S41"))
    }

    @Test("Identifiers sort by start")
    func order() {
        let random = (0..<500).map { self.random(at: self.now.addingTimeInterval(Double($0) * 0.002)) }
        #expect(random == random.sorted())
        let deterministic = (0..<500).map { self.deterministic(at: Double($0) * 0.25) }
        #expect(deterministic == deterministic.sorted())
    }

    @Test("Deterministic identifiers repeat on the next run, and differ by input, label and start")
    func derivation() {
        let id = self.deterministic(at: 4)
        #expect(self.deterministic(at: 4) == id)
        #expect(
            EventIDGenerator.deterministic(seed: "clip.mp4 sha256:00").make(
                label: "walking", start: MediaTime(seconds: 4), startTime: .distantPast) == id)
        let others = [
            self.deterministic("clip.mp4 sha256:01", at: 4), self.deterministic("clip2.mp4 sha256:00", at: 4),
            self.deterministic("clip.mp4 sha256:00", "running", at: 4), self.deterministic(at: 4.25),
            self.deterministic(at: 4.000_000_001),
        ]
        #expect(Set(others + [id]).count == 6)
    }

    /// Identifiers are keys in users' databases: a change of the hash would make every event a new one.
    @Test("Deterministic identifiers are those of earlier versions")
    func golden() {
        let seed = "everyday-actions.mp4 sha256:db9a2de527ae07bda6873548756e22535ebe365fce68aa6728221b9932ad42fd"
        #expect(self.deterministic(seed, "walking", at: 5.725) == "00000005JXF5CQEQ8FE0403RFS")
        #expect(self.deterministic(seed, "lying on the floor", at: 42.005) == "000000190NVHD55V3B4YH8XE7S")
        #expect(
            EventIDGenerator.deterministic(seed: "clip.mp4").seed
                == EventIDGenerator.deterministic(seed: "clip.mp4").seed)
        #expect(EventIDGenerator.random.seed == nil)
    }

    @Test("Identifiers don't collide among many events")
    func uniqueness() {
        let random = Set((0..<20_000).map { _ in self.random(at: self.now) })
        #expect(random.count == 20_000)
        let deterministic = Set((0..<20_000).map { self.deterministic("f", "l\($0 % 10)", at: Double($0 / 10) * 0.04) })
        #expect(deterministic.count == 20_000)
    }

    @Test("Identifiers are valid for clocks before 1970 and media times below zero")
    func extremes() {
        #expect(self.random(at: .distantPast).hasPrefix("0000000000"))
        #expect(self.deterministic(at: -3).hasPrefix("0000000000"))
    }
}
