import GerundTerminal
import Testing

@Suite("ScreenRenderer")
struct ScreenRendererTests {
    @Test("Writes only changed lines, and all of them after an invalidation")
    func lines() {
        var renderer = ScreenRenderer()
        let first = renderer.render(["one", "two"])
        #expect(first == "\u{1b}[m\u{1b}[2J\u{1b}[1;1Hone\u{1b}[2;1Htwo")
        #expect(renderer.render(["one", "two"]) == "")
        #expect(renderer.render(["one", "2"]) == "\u{1b}[2;1H2\u{1b}[K")
        renderer.invalidate()
        #expect(renderer.render(["one", "two"]) == first)
        #expect(renderer.render(["one"]) == "\u{1b}[m\u{1b}[2J\u{1b}[1;1Hone")
    }
}
