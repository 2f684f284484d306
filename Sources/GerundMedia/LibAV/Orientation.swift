import CFFmpeg

/// How a picture is turned and mirrored before it is shown: one of the eight ways to lay down a rectangle.
struct Orientation: Hashable {
    /// Whether rows and columns are exchanged, before the mirroring.
    var transposes = false
    /// Whether left and right are exchanged in the picture shown.
    var flipsX = false
    /// Whether top and bottom are exchanged in the picture shown.
    var flipsY = false

    static let upright = Orientation()

    init(transposes: Bool = false, flipsX: Bool = false, flipsY: Bool = false) {
        self.transposes = transposes
        self.flipsX = flipsX
        self.flipsY = flipsY
    }

    /// - Parameter matrix: Nine 32-bit numbers as in a `tkhd` box; turns by other than quarters are left upright.
    init(displayMatrix matrix: UnsafeRawPointer) {
        // (x, y) of the stored picture go to (a x + c y, b x + d y), with y downwards.
        func entry(_ index: Int) -> Int32 {
            unsafe matrix.loadUnaligned(fromByteOffset: index * MemoryLayout<Int32>.size, as: Int32.self)
        }
        let (a, b, c, d) = (entry(0), entry(1), entry(3), entry(4))
        if a != 0, d != 0, b == 0, c == 0 {
            self.init(transposes: false, flipsX: a < 0, flipsY: d < 0)
        } else if b != 0, c != 0, a == 0, d == 0 {
            self.init(transposes: true, flipsX: c < 0, flipsY: b < 0)
        } else {
            self.init()
        }
    }

    /// The clockwise turn in degrees, mirroring aside.
    var degrees: Int {
        switch (self.transposes, self.flipsX, self.flipsY) {
        case (false, true, true): 180
        case (true, true, _): 90
        case (true, false, _): 270
        default: 0
        }
    }

    /// Where the pixel that is shown at (x, y) lies in the stored picture.
    ///
    /// - Parameter size: Of the picture shown, in pixels.
    func stored(x: Int, y: Int, size: (width: Int, height: Int)) -> (x: Int, y: Int) {
        let column = self.flipsX ? size.width - 1 - x : x
        let row = self.flipsY ? size.height - 1 - y : y
        return self.transposes ? (row, column) : (column, row)
    }
}
