/// A state machine that assembles sampled frames into sliding windows.
///
/// Each position of a window holds the most recent frame at that time (sample and hold): where a tick has no frame of
/// its own, because the source is slow or a frame was dropped, the previous frame is repeated. A window never spans a
/// discontinuity of the timeline or a gap as long as the window. After either, and at first, no window is emitted until
/// one is full.
///
/// `Frame` is what windows are made of, such as the index of a frame's embedding. The assembler keeps the frames that
/// later windows need.
public struct WindowAssembler<Frame> {
    /// The action that the caller must take after a frame.
    public struct FrameAction {
        /// A Boolean value that indicates whether the frame doesn't continue the frames before it, which the assembler
        /// has discarded.
        public var isDiscontinuity: Bool
        /// The window that the frame completes, oldest frame first; `nil` while warming up or between two windows.
        public var window: [Frame]?
        /// A Boolean value that indicates whether a window was due and skipped because it wasn't wanted.
        public var isWindowSkipped = false
    }

    private let plan: SamplingPlan
    /// The frames in order of their ticks, all of one segment.
    private var frames: [(tick: Int64, frame: Frame)] = []
    private var segment: Int?
    private var firstTick: Int64 = 0
    /// The ticks of the first window, from which windows are counted, and of the last one; `nil` before the first.
    private var windows: (first: Int64, last: Int64)?

    /// Creates an assembler without frames.
    ///
    /// - Parameter plan: The number of a window's frames, the interval between them, and the interval between windows.
    public init(plan: SamplingPlan) {
        self.plan = plan
    }

    /// Adds a frame and returns the window that it completes.
    ///
    /// - Parameters:
    ///   - info: The metadata of the frame. Its tick must increase from call to call.
    ///   - frame: The frame.
    ///   - decimation: Emits only every `decimation`-th window that is due by the plan; at least 1.
    ///   - offset: Which of them, so that sources with different offsets emit theirs at different times; at least 0.
    ///   - isWanted: Whether a window that is due is emitted. Otherwise it is skipped, and a window is due at the next
    ///     frame.
    /// - Returns: The action to take.
    public mutating func frameArrived(
        _ info: CapturedFrame, _ frame: Frame, decimation: Int = 1, offset: Int = 0, isWanted: Bool = true
    ) -> FrameAction {
        let isDiscontinuity = self.isDiscontinuous(info)
        if isDiscontinuity {
            self.frames.removeAll(keepingCapacity: true)
            self.firstTick = info.tick
            self.windows = nil
        }
        self.segment = info.segment
        self.frames.append((info.tick, frame))

        var action = FrameAction(isDiscontinuity: isDiscontinuity)
        let oldest = info.tick - Int64(self.plan.interleaving * (self.plan.frameCount - 1))
        guard oldest >= self.firstTick else { return action }
        self.evictFrames(before: oldest)
        guard self.isDue(info.tick, decimation: decimation, offset: offset) else { return action }
        guard isWanted else {
            action.isWindowSkipped = true
            return action
        }
        self.windows = (self.windows?.first ?? info.tick, info.tick)
        action.window = self.window(endingAt: info.tick)
        return action
    }

    /// Returns whether a frame follows a discontinuity of the timeline or a gap as long as a window.
    private func isDiscontinuous(_ info: CapturedFrame) -> Bool {
        guard let last = self.frames.last, self.segment == info.segment else { return true }
        return info.tick - last.tick > Int64(self.plan.interleaving * self.plan.frameCount)
    }

    /// Returns whether a tick at which a window is due has passed since the last window.
    ///
    /// Counting from the first window keeps a late window from shifting the others.
    private func isDue(_ tick: Int64, decimation: Int, offset: Int) -> Bool {
        guard let windows = self.windows else { return true }
        let (hop, decimation) = (Int64(self.plan.hop), Int64(decimation))
        // Never above `tick`, so that division rounds down: the first due tick is at most one period after the first
        // window.
        let origin = windows.first + Int64(offset) % decimation * hop - decimation * hop
        func count(_ tick: Int64) -> Int64 { (tick - origin) / (decimation * hop) }
        return count(tick) > count(windows.last)
    }

    /// Removes the frames before `tick`, except the one that is held there.
    private mutating func evictFrames(before tick: Int64) {
        let held = self.frames.lastIndex { $0.tick <= tick } ?? 0
        self.frames.removeFirst(held)
    }

    private func window(endingAt tick: Int64) -> [Frame] {
        var index = self.frames.startIndex
        return (0..<self.plan.frameCount).reversed().map { distance in
            let position = tick - Int64(distance * self.plan.interleaving)
            while index + 1 < self.frames.endIndex, self.frames[index + 1].tick <= position { index += 1 }
            return self.frames[index].frame
        }
    }
}

extension WindowAssembler: Sendable where Frame: Sendable {}
extension WindowAssembler.FrameAction: Sendable where Frame: Sendable {}
