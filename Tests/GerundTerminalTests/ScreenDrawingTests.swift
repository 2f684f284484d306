import Testing

@testable import GerundTerminal

@Suite("The screen's drawing")
struct ScreenDrawingTests {
    @Test("draws at once, then ten times a second at most, and once a second when nothing changes")
    func pace() {
        var pacer = RedrawPacer()
        let start = ContinuousClock.now
        #expect(pacer.next(hasChanged: false, at: start) == .draw)
        #expect(pacer.next(hasChanged: true, at: start + .milliseconds(40)) == .wait(.milliseconds(60)))
        #expect(pacer.next(hasChanged: false, at: start + .milliseconds(100)) == .wait(.milliseconds(900)))
        #expect(pacer.next(hasChanged: true, at: start + .milliseconds(100)) == .draw)
        #expect(pacer.next(hasChanged: false, at: start + .milliseconds(1100)) == .draw)
        let draws = (0..<10_000).filter {
            pacer.next(hasChanged: true, at: start + .milliseconds(2000 + $0)) == .draw
        }
        #expect(draws.count == 100)
    }

    @Test("writes only lines that are new, and all of them after a disturbance")
    func painter() {
        var painter = ScreenPainter()
        let first = painter.paint(["one", "two"])
        #expect(first == "\u{1b}[m\u{1b}[2J\u{1b}[1;1Hone\u{1b}[2;1Htwo")
        #expect(painter.paint(["one", "two"]) == "")
        #expect(painter.paint(["one", "2"]) == "\u{1b}[2;1H2\u{1b}[K")
        painter.invalidate()
        #expect(painter.paint(["one", "two"]) == first)
        #expect(painter.paint(["one"]) == "\u{1b}[m\u{1b}[2J\u{1b}[1;1Hone")
    }

    @Test("understands what terminals send for keys")
    func keys() {
        func keys(_ text: String) -> [ScreenKey] { KeyDecoder().keys(text.utf8) }
        #expect(keys("q/é👩‍👩‍👧") == [.character("q"), .character("/"), .character("é"), .character("👩‍👩‍👧")])
        #expect(keys("\r\n\u{7f}\u{8}") == [.enter, .enter, .backspace, .backspace])
        #expect(keys("\u{1b}") == [.escape])
        #expect(keys("\u{1b}[A\u{1b}OB\u{1b}[1;5A") == [.up, .down, .up])
        // Keys that mean nothing, a sequence that is cut off, and what is no text.
        #expect(keys("\u{1b}[15~a\u{1}b\u{1b}[") == [.character("a"), .character("b")])
        #expect(KeyDecoder().keys([0xff, 0x61]).last == .character("a"))
    }
}
