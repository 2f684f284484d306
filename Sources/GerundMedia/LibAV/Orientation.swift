import CFFmpeg
import GerundCore

/// The rotation and mirroring that make a frame upright: one of the eight EXIF-style orientations.
struct Orientation: Hashable {
    /// A Boolean value that indicates whether rows and columns are exchanged, before flipping.
    var isTransposed = false
    /// A Boolean value that indicates whether left and right are exchanged in the upright frame.
    var isFlippedHorizontally = false
    /// A Boolean value that indicates whether top and bottom are exchanged in the upright frame.
    var isFlippedVertically = false

    static let upright = Orientation()

    init(isTransposed: Bool = false, isFlippedHorizontally: Bool = false, isFlippedVertically: Bool = false) {
        self.isTransposed = isTransposed
        self.isFlippedHorizontally = isFlippedHorizontally
        self.isFlippedVertically = isFlippedVertically
    }

    /// Creates an orientation from a display matrix.
    ///
    /// - Parameter matrix: Nine 32-bit numbers as in a `tkhd` box. Rotations by other than multiples of 90° are
    ///   ignored.
    init(displayMatrix matrix: UnsafeRawPointer) {
        // (x, y) of the stored frame goes to (a x + c y, b x + d y), with y downward.
        func entry(_ index: Int) -> Int32 {
            unsafe matrix.loadUnaligned(fromByteOffset: index * MemoryLayout<Int32>.size, as: Int32.self)
        }
        let (a, b, c, d) = (entry(0), entry(1), entry(3), entry(4))
        if a != 0, d != 0, b == 0, c == 0 {
            self.init(isTransposed: false, isFlippedHorizontally: a < 0, isFlippedVertically: d < 0)
        } else if b != 0, c != 0, a == 0, d == 0 {
            self.init(isTransposed: true, isFlippedHorizontally: c < 0, isFlippedVertically: b < 0)
        } else {
            self.init()
        }
    }

    /// The clockwise rotation in degrees, ignoring mirroring.
    var degrees: Int {
        switch (self.isTransposed, self.isFlippedHorizontally, self.isFlippedVertically) {
        case (false, true, true): 180
        case (true, true, _): 90
        case (true, false, _): 270
        default: 0
        }
    }

    /// Returns the position in the stored frame of the pixel at (x, y) in the upright frame.
    ///
    /// - Parameters:
    ///   - x: The column in the upright frame.
    ///   - y: The row in the upright frame.
    ///   - size: The size of the upright frame.
    /// - Returns: The column and row in the stored frame.
    func sourcePosition(x: Int, y: Int, size: PixelSize) -> (x: Int, y: Int) {
        let column = self.isFlippedHorizontally ? size.width - 1 - x : x
        let row = self.isFlippedVertically ? size.height - 1 - y : y
        return self.isTransposed ? (row, column) : (column, row)
    }
}
