/// Puts sampled frames together to windows.
///
/// A window is made of what was on the screen at its points in time: where a point has no frame of its own, because
/// the source is slow or a frame was dropped, the frame before it still stands. A window never spans a break of the
/// timeline nor a pause as long as the window; after one, and at first, nothing is given until a window is full.
///
/// A pure value. `Frame` is whatever is known of a frame and its pixels; the assembler keeps what later windows need.
public struct WindowAssembler<Frame> {
    /// What follows from a frame.
    public struct Step {
        /// The frame does not continue what was before it: earlier frames were forgotten.
        public var isBreak: Bool
        /// The window that the frame completes, oldest frame first; `nil` while warming or between two windows.
        public var window: [Frame]?
        /// Whether the window is missing only because it is not wanted.
        public var isWindowLeftOut = false
    }

    private let plan: WindowPlan
    /// Rising in slot; all of one segment.
    private var frames: [(slot: Int64, frame: Frame)] = []
    private var segment: Int?
    private var firstSlot: Int64 = 0
    /// Where windows are counted from, and the last one; `nil` before the first.
    private var windows: (first: Int64, last: Int64)?

    public init(plan: WindowPlan) {
        self.plan = plan
    }

    /// - Parameters:
    ///   - info: Its slot is above that of earlier frames.
    ///   - frame: What windows are made of.
    ///   - divisor: Of so many windows that are due by the plan one is given.
    ///   - turn: Which of them: sources with other turns give theirs at other times.
    ///   - isWanted: Whether a window that is due is given; else the next frame's is due.
    public mutating func frameArrived(
        _ info: CapturedFrame, _ frame: Frame, divisor: Int = 1, turn: Int = 0, isWanted: Bool = true
    ) -> Step {
        let isBreak = self.beginsAnew(info)
        if isBreak {
            self.frames.removeAll(keepingCapacity: true)
            self.firstSlot = info.slot
            self.windows = nil
        }
        self.segment = info.segment
        self.frames.append((info.slot, frame))

        let oldest = info.slot - Int64(self.plan.phases * (self.plan.frameCount - 1))
        guard oldest >= self.firstSlot else { return Step(isBreak: isBreak, window: nil) }
        self.forgetFrames(before: oldest)
        guard self.isDue(info.slot, divisor, turn) else { return Step(isBreak: isBreak, window: nil) }
        guard isWanted else { return Step(isBreak: isBreak, window: nil, isWindowLeftOut: true) }
        self.windows = (self.windows?.first ?? info.slot, info.slot)
        return Step(isBreak: isBreak, window: self.window(endingAt: info.slot))
    }

    /// Whether a frame follows a break of the timeline or a pause as long as a window.
    private func beginsAnew(_ info: CapturedFrame) -> Bool {
        guard let last = self.frames.last, self.segment == info.segment else { return true }
        return info.slot - last.slot > Int64(self.plan.phases * self.plan.frameCount)
    }

    /// Whether a point of the grid at which a window is due has come since the last one: so a window that is late
    /// doesn't shift the others.
    private func isDue(_ slot: Int64, _ divisor: Int, _ turn: Int) -> Bool {
        guard let windows = self.windows else { return true }
        let (stride, divisor) = (Int64(self.plan.stride), Int64(divisor))
        // Always positive, so that division rounds down: the first point is at most one turn after the first window.
        let origin = windows.first + Int64(turn) % divisor * stride - divisor * stride
        func count(_ slot: Int64) -> Int64 { (slot - origin) / (divisor * stride) }
        return count(slot) > count(windows.last)
    }

    /// The frame that stands at `slot` is kept, although it may be older.
    private mutating func forgetFrames(before slot: Int64) {
        let kept = self.frames.lastIndex { $0.slot <= slot } ?? 0
        self.frames.removeFirst(kept)
    }

    private func window(endingAt slot: Int64) -> [Frame] {
        var index = self.frames.startIndex
        return (0..<self.plan.frameCount).reversed().map { distance in
            let point = slot - Int64(distance * self.plan.phases)
            while index + 1 < self.frames.endIndex, self.frames[index + 1].slot <= point { index += 1 }
            return self.frames[index].frame
        }
    }
}

extension WindowAssembler: Sendable where Frame: Sendable {}
extension WindowAssembler.Step: Sendable where Frame: Sendable {}
