import GerundTensor

/// Which rows of which frames one pass through the encoder computes: several windows, one below the other.
struct RefreshPlan {
    /// A frame with rows to compute.
    struct Frame {
        let state: FrameState
        /// Its rows among those of the pass; the first is the class token's.
        let rows: Range<Int>
        /// Whether these are all rows of the frame, in their order.
        let isFull: Bool
        let keepsLayers: Bool

        /// Which of the frame's rows they are.
        var indices: ArraySlice<Int> {
            self.isFull ? ArraySlice(0..<self.rows.count) : self.state.refreshOrder.prefix(self.rows.count)
        }
    }

    struct Window {
        /// The window's frames, oldest first; one may stand in several places.
        let frames: [FrameState]
        /// Those with rows to compute, among the pass's frames.
        let computed: Range<Int>
    }

    private(set) var windows: [Window] = []
    private(set) var frames: [Frame] = []
    private(set) var rowCount = 0

    /// - Parameter windows: No two share a frame.
    init(_ windows: [[FrameState]], refresh: Refresh, tokens: Int) {
        for window in windows {
            let first = self.frames.count
            var seen = Set<ObjectIdentifier>()
            for state in window where seen.insert(ObjectIdentifier(state)).inserted {
                let isNew = !state.isEncoded || !state.keepsLayers
                let count = isNew ? tokens : refresh.count(of: tokens)
                guard count > 0 else { continue }
                self.frames.append(
                    Frame(
                        state: state, rows: self.rowCount..<self.rowCount + count, isFull: count == tokens,
                        keepsLayers: state.keepsLayers))
                self.rowCount += count
            }
            self.windows.append(Window(frames: window, computed: first..<self.frames.count))
        }
    }
}

extension RefreshPlan.Frame {
    /// Copies the frame's rows of the pass from what is kept of the frame.
    func gather(from kept: ScratchMatrix, into pass: ScratchMatrix) {
        if self.isFull { return pass.copy(0..<kept.rows, of: kept, to: self.rows) }
        for (row, index) in zip(self.rows, self.indices) { pass.copy(row: index, of: kept, to: row) }
    }

    /// Copies the frame's rows of the pass to what is kept of the frame.
    func scatter(_ pass: ScratchMatrix, into kept: ScratchMatrix, _ kernels: Kernels) {
        if self.isFull { return kernels.copy(pass.view.rows(self.rows), to: kept.mutableView) }
        for (row, index) in zip(self.rows, self.indices) { kept.copy(row: row, of: pass, to: index) }
    }

    /// Copies the frame's rows of the pass to what is kept of the frame, in its format.
    func scatter(_ pass: ScratchMatrix, into kept: KeptRows, _ kernels: Kernels) {
        if self.isFull { return kept.copy(pass.view.rows(self.rows), to: 0, kernels) }
        for (row, index) in zip(self.rows, self.indices) {
            kept.copy(pass.view.rows(row..<row + 1), to: index, kernels)
        }
    }
}
