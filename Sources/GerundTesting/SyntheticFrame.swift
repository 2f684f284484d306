/// Pixels computed from a rule, which a test writes into a frame and recognizes again.
public enum SyntheticFrame: Hashable, Sendable {
    /// A single color.
    case flat(red: UInt8, green: UInt8, blue: UInt8)
    /// Pseudorandom bytes that depend on the number, the same on every run.
    case noise(number: Int)
    /// A bright square on gray that moves one pixel to the right per step, and starts over at the left edge.
    case square(step: Int)

    /// Writes the pixels of a frame.
    ///
    /// - Parameters:
    ///   - pixels: The frame, `[height, width, 3]`: rows of RGB triples.
    ///   - width: The frame's width, in pixels.
    public func fill(_ pixels: inout MutableSpan<UInt8>, width: Int) {
        for index in pixels.indices {
            pixels[index] = self.value(at: index, width: width, height: pixels.count / (3 * width))
        }
    }

    /// Returns one byte of a frame.
    ///
    /// - Parameters:
    ///   - index: The byte's index in the frame, `[height, width, 3]`.
    ///   - width: The frame's width, in pixels.
    ///   - height: The frame's height, in pixels.
    /// - Returns: The byte that ``fill(_:width:)`` writes there.
    public func value(at index: Int, width: Int, height: Int) -> UInt8 {
        switch self {
        case .flat(let red, let green, let blue):
            return index % 3 == 0 ? red : index % 3 == 1 ? green : blue
        case .noise(let number):
            let mixed = UInt32(truncatingIfNeeded: index) &+ UInt32(truncatingIfNeeded: number) &* 7919
            return UInt8(truncatingIfNeeded: (mixed &* 2_654_435_761) >> 24)
        case .square(let step):
            let (x, y) = (index / 3 % width, index / 3 / width)
            let edge = max(1, min(width, height) / 4)
            let left = step % max(1, width - edge + 1)
            let isInside = (left..<left + edge).contains(x) && ((height - edge) / 2..<(height + edge) / 2).contains(y)
            return isInside ? 230 : 96
        }
    }
}
