/// A picture by rule: what a test puts into a frame and finds again.
public enum SyntheticPicture: Hashable, Sendable {
    /// One colour.
    case flat(red: UInt8, green: UInt8, blue: UInt8)
    /// A different value for each byte and each number, the same on every run.
    case noise(number: Int)
    /// A bright square on grey, further to the right with each step; back at the left when it has passed.
    case square(step: Int)

    /// Fills the picture, rows of RGB triples.
    ///
    /// - Parameters:
    ///   - width: The picture's width, in pixels.
    ///   - pixels: `[height, width, 3]`.
    public func fill(_ pixels: inout MutableSpan<UInt8>, width: Int) {
        for index in pixels.indices {
            pixels[index] = self.value(at: index, width: width, height: pixels.count / (3 * width))
        }
    }

    /// The byte at `index` of a picture of the given size.
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
