import GerundCore
import Testing

@Suite("The name that was meant")
struct NearestNameTests {
    private let known = ["name", "transport", "size", "min_duration"]

    @Test(
        "is the one with the fewest letters wrong, whatever their case",
        arguments: [
            ("transprot", "transport"), ("nam", "name"), ("Size", "size"), ("sizes", "size"),
            ("minDuration", "min_duration"),
        ])
    func near(typed: String, meant: String) {
        #expect(typed.nearest(in: self.known) == meant)
    }

    @Test("is not guessed when none is near", arguments: ["x", "password", "", String(repeating: "name", count: 1000)])
    func far(typed: String) {
        #expect(typed.nearest(in: self.known) == nil)
    }

    @Test("is none where none is known")
    func none() {
        #expect("name".nearest(in: []) == nil)
    }
}
