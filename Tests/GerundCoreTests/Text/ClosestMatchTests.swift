import GerundCore
import Testing

@Suite("String.closestMatch")
struct ClosestMatchTests {
    private let known = ["name", "transport", "size", "min_duration"]

    @Test(
        "Returns the candidate with the smallest edit distance, ignoring case",
        arguments: [
            ("transprot", "transport"), ("nam", "name"), ("Size", "size"), ("sizes", "size"),
            ("minDuration", "min_duration"),
        ])
    func close(typed: String, meant: String) {
        #expect(typed.closestMatch(in: self.known) == meant)
    }

    @Test(
        "Returns nil if no candidate is close",
        arguments: ["x", "password", "", String(repeating: "name", count: 1000)])
    func far(typed: String) {
        #expect(typed.closestMatch(in: self.known) == nil)
    }

    @Test("Returns nil if there are no candidates")
    func empty() {
        #expect("name".closestMatch(in: []) == nil)
    }

    @Test("Suggests the closest name in a message, or lists all of them")
    func messages() {
        #expect("sise".unknownNameMessage("option", known: self.known) == "unknown option 'sise': did you mean 'size'?")
        #expect(
            "qqq".unknownNameMessage("key", path: "a.qqq", known: ["b", "cd"])
                == "unknown key 'a.qqq': expected one of b, cd")
        #expect("a\u{1b}b\n".unknownNameMessage("key", known: []).unicodeScalars.allSatisfy { $0.value >= 0x20 })
    }
}
