// Separable resampling of 8-bit pictures in fixed point, as `ImagingResample` of Pillow
// (https://github.com/python-pillow/Pillow/blob/main/src/libImaging/Resample.c): the widths of the filters, the order
// of the passes and every rounding are Pillow's, so that the bytes are.

/// The weights with which input pixels make each output pixel along one axis.
struct ResamplingWeights {
    /// Weights are whole numbers of 2^-22: 8 bits for the pixel and 2 for overshoot leave so many of 32.
    static let fractionBits: Int32 = 32 - 8 - 2

    /// The output pixels' number.
    let count: Int
    /// The first input pixel of each output pixel.
    let starts: [Int]
    /// Where each output pixel's weights begin in ``weights``; one more at the end.
    let offsets: [Int]
    let weights: [Int32]

    /// - Parameters:
    ///   - input: The input's pixels along the axis.
    ///   - output: The scaled picture's.
    ///   - kept: The output pixels that are wanted; a crop's other pixels cost nothing.
    init(from input: Int, to output: Int, keeping kept: Range<Int>, filter: ImageProcessor.Resampling) {
        let scale = Double(input) / Double(output)
        // A picture that shrinks is smoothed: the filter covers all that falls into an output pixel.
        let filterScale = max(scale, 1)
        let support = filter.support * filterScale
        var starts: [Int] = []
        var offsets = [0]
        var weights: [Int32] = []
        for pixel in kept {
            let center = (Double(pixel) + 0.5) * scale
            let start = max(0, Int(center - support + 0.5))
            let end = min(input, Int(center + support + 0.5))
            let values = (start..<end).map { filter.value((Double($0) - center + 0.5) * (1 / filterScale)) }
            let sum = values.reduce(0, +)
            for value in values {
                let fixed = (sum == 0 ? value : value / sum) * Double(1 << Self.fractionBits)
                weights.append(Int32(fixed < 0 ? fixed - 0.5 : fixed + 0.5))
            }
            starts.append(start)
            offsets.append(weights.count)
        }
        self.count = kept.count
        self.starts = starts
        self.offsets = offsets
        self.weights = weights
    }

    /// The input pixels of which anything is used.
    var inputRange: Range<Int> {
        var range = 0..<0
        for i in 0..<self.count {
            let end = self.starts[i] + self.offsets[i + 1] - self.offsets[i]
            range = i == 0 ? self.starts[i]..<end : min(range.lowerBound, self.starts[i])..<max(range.upperBound, end)
        }
        return range
    }
}

extension ImageProcessor.Resampling {
    /// How far from its centre the filter reaches, in output pixels.
    fileprivate var support: Double {
        switch self {
        case .bilinear: 1
        case .bicubic: 2
        }
    }

    fileprivate func value(_ x: Double) -> Double {
        let x = abs(x)
        switch self {
        case .bilinear: return x < 1 ? 1 - x : 0
        case .bicubic:
            let a = -0.5
            if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
            return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
        }
    }
}

/// Resamples a picture: all rows that matter first, then the columns of the result.
///
/// - Parameters:
///   - rgb: Rows of `width` RGB triples.
///   - columns: The weights along a row, for the result's width.
///   - rows: The weights along a column, for the result's height.
/// - Returns: `[rows.count, columns.count, 3]`.
func resample(_ rgb: Span<UInt8>, width: Int, columns: ResamplingWeights, rows: ResamplingWeights) -> [UInt8] {
    let half: Int32 = 1 << (ResamplingWeights.fractionBits - 1)
    func byte(_ sum: Int32) -> UInt8 { UInt8(clamping: sum >> ResamplingWeights.fractionBits) }

    // pass 1: [needed rows, columns.count, 3]
    let inputRows = rows.inputRange
    let rowLength = columns.count * 3
    var narrow = [UInt8](repeating: 0, count: inputRows.count * rowLength)
    for row in inputRows {
        let target = (row - inputRows.lowerBound) * rowLength
        for column in 0..<columns.count {
            var (red, green, blue) = (half, half, half)
            var source = (row * width + columns.starts[column]) * 3
            for i in columns.offsets[column]..<columns.offsets[column + 1] {
                let weight = columns.weights[i]
                red &+= Int32(rgb[source]) &* weight
                green &+= Int32(rgb[source + 1]) &* weight
                blue &+= Int32(rgb[source + 2]) &* weight
                source += 3
            }
            narrow[target + column * 3] = byte(red)
            narrow[target + column * 3 + 1] = byte(green)
            narrow[target + column * 3 + 2] = byte(blue)
        }
    }

    // pass 2: [rows.count, columns.count, 3]
    var result = [UInt8](repeating: 0, count: rows.count * rowLength)
    var sums = [Int32](repeating: 0, count: rowLength)
    for row in 0..<rows.count {
        for i in 0..<rowLength { sums[i] = half }
        var source = (rows.starts[row] - inputRows.lowerBound) * rowLength
        for weight in rows.weights[rows.offsets[row]..<rows.offsets[row + 1]] {
            for i in 0..<rowLength { sums[i] &+= Int32(narrow[source + i]) &* weight }
            source += rowLength
        }
        for i in 0..<rowLength { result[row * rowLength + i] = byte(sums[i]) }
    }
    return result
}
