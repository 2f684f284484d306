import GerundTensor
import Testing

@testable import XCLIP

@Suite("RefreshPlan")
struct RefreshPlanTests {
    /// A state of a model with 5 tokens per frame.
    private func state(cachesLayers: Bool = true, hasLayerCache: Bool = false) throws -> FrameState {
        let state = FrameState(try Fixture("tiny").configuration(), cachesLayers: cachesLayers, elementType: .float32)
        state.hasLayerCache = hasLayerCache
        return state
    }

    @Test("Computes a frame that occurs several times in a window once")
    func repeatedFrame() throws {
        let (new, old) = (try self.state(), try self.state(hasLayerCache: true))
        let plan = RefreshPlan([[old, old, new, old, new]], refresh: .classToken, tokens: 5)
        #expect(plan.frames.map(\.tokens) == [0..<1, 1..<6])
        #expect(plan.frames.map { $0.state === old } == [true, false] && plan.tokenCount == 6)
        #expect(plan.windows.map(\.frames.count) == [5] && plan.windows[0].refreshed == 0..<2)
    }

    @Test("Computes all tokens of new frames and of frames without cached layers, and n of the others")
    func tokens() throws {
        let new = try self.state()
        let old = try self.state(hasLayerCache: true)
        let uncached = try self.state(cachesLayers: false, hasLayerCache: true)
        func counts(_ refresh: RefreshPolicy) -> [Int] {
            RefreshPlan([[old, uncached], [new]], refresh: refresh, tokens: 5).frames.map(\.tokens.count)
        }
        #expect(counts(.cached) == [5, 5])
        #expect(counts(.classToken) == [1, 5, 5])
        #expect(counts(.tokens(3)) == [3, 5, 5])
        #expect(counts(.tokens(.max)) == [5, 5, 5] && counts(.exact) == [5, 5, 5])
        #expect(counts(.tokens(-1)) == [5, 5])
    }

    @Test("Refreshes the class token and the tokens that attended most to the message")
    func order() throws {
        let old = try self.state(hasLayerCache: true)
        old.refreshOrder = [0, 4, 2, 1, 3]
        let some = RefreshPlan([[old]], refresh: .tokens(3), tokens: 5).frames[0]
        #expect(Array(some.indices) == [0, 4, 2] && !some.isFull)
        let all = RefreshPlan([[old]], refresh: .all, tokens: 5).frames[0]
        #expect(Array(all.indices) == [0, 1, 2, 3, 4] && all.isFull)
    }

    @Test("Concatenates the tokens of a batch's windows, with none of a window that needs none")
    func windows() throws {
        let (new, old) = (try self.state(), try self.state(hasLayerCache: true))
        let plan = RefreshPlan([[old], [new], []], refresh: .cached, tokens: 5)
        #expect(plan.windows.map(\.refreshed) == [0..<0, 0..<1, 1..<1])
        #expect(plan.tokenCount == 5 && plan.frames.map(\.tokens) == [0..<5])
    }

    @Test("Sorts tokens by their attention to the message, the class token first and equals in their order")
    func sortOrder() throws {
        let state = try self.state()
        // [5 tokens, 4 heads]
        let weights: [Float] = [0, 0, 0, 0, 1, 1, 1, 1, 3, 3, 3, 3, 1, 1, 2, 0, 9, 0, 0, 4]
        state.messageAttention.copy(from: Matrix(rows: 5, columns: 4, elements: weights).view)
        state.sortRefreshOrder()
        #expect(state.refreshOrder == [0, 4, 2, 1, 3])
    }
}
