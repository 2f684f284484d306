// Separable resampling of 8-bit images in fixed point, as `ImagingResample` of Pillow
// (https://github.com/python-pillow/Pillow/blob/main/src/libImaging/Resample.c): the widths of the filters, the order
// of the passes and every rounding are Pillow's, so that the bytes are.

/// The weights with which input pixels contribute to each output pixel along one axis.
struct ResamplingWeights {
    /// The fraction bits of the fixed-point weights: 32 bits less 8 for the pixel and 2 for overshoot.
    static let fractionBits: Int32 = 32 - 8 - 2

    /// The number of output pixels.
    let count: Int
    /// The first input pixel of each output pixel.
    let firstInputs: [Int]
    /// The index in ``weights`` of the first weight of each output pixel, and one more for the end.
    let weightOffsets: [Int]
    /// The fixed-point weights of all output pixels, concatenated.
    let weights: [Int32]

    /// Computes the weights of one axis.
    ///
    /// - Parameters:
    ///   - input: The length of the input, in pixels.
    ///   - output: The length of the whole resized image, in pixels.
    ///   - crop: The output pixels to compute; those outside the crop cost nothing.
    ///   - filter: The resampling filter.
    init(from input: Int, to output: Int, cropping crop: Range<Int>, filter: ImageProcessor.Resampling) {
        let scale = Double(input) / Double(output)
        // A shrinking image is smoothed: the filter covers every input pixel that falls into an output pixel.
        let filterScale = max(scale, 1)
        let support = filter.support * filterScale
        var firstInputs: [Int] = []
        var weightOffsets = [0]
        var weights: [Int32] = []
        for pixel in crop {
            let center = (Double(pixel) + 0.5) * scale
            let start = max(0, Int(center - support + 0.5))
            let end = min(input, Int(center + support + 0.5))
            let values = (start..<end).map { filter.value((Double($0) - center + 0.5) * (1 / filterScale)) }
            let sum = values.reduce(0, +)
            for value in values {
                let fixed = (sum == 0 ? value : value / sum) * Double(1 << Self.fractionBits)
                weights.append(Int32(fixed < 0 ? fixed - 0.5 : fixed + 0.5))
            }
            firstInputs.append(start)
            weightOffsets.append(weights.count)
        }
        self.count = crop.count
        self.firstInputs = firstInputs
        self.weightOffsets = weightOffsets
        self.weights = weights
    }

    /// The smallest range that contains every input pixel with a weight.
    var inputRange: Range<Int> {
        var range = 0..<0
        for i in 0..<self.count {
            let end = self.firstInputs[i] + self.weightOffsets[i + 1] - self.weightOffsets[i]
            range =
                i == 0
                ? self.firstInputs[i]..<end : min(range.lowerBound, self.firstInputs[i])..<max(range.upperBound, end)
        }
        return range
    }
}

extension ImageProcessor.Resampling {
    /// The distance from its center at which the filter becomes zero, in output pixels.
    fileprivate var support: Double {
        switch self {
        case .bilinear: 1
        case .bicubic: 2
        }
    }

    /// Returns the filter's value at a distance from its center, in output pixels.
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

extension ResamplingWeights {
    /// Resamples an image: first all needed rows, then the columns of the result.
    ///
    /// - Parameters:
    ///   - rgb: The image, `[height, width, 3]`.
    ///   - width: The width of the image, in pixels.
    ///   - columns: The weights along a row, one per column of the result.
    ///   - rows: The weights along a column, one per row of the result.
    /// - Returns: The result, `[rows.count, columns.count, 3]`.
    static func resample(_ rgb: Span<UInt8>, width: Int, columns: ResamplingWeights, rows: ResamplingWeights) -> [UInt8]
    {
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
                var source = (row * width + columns.firstInputs[column]) * 3
                for i in columns.weightOffsets[column]..<columns.weightOffsets[column + 1] {
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
            var source = (rows.firstInputs[row] - inputRows.lowerBound) * rowLength
            for weight in rows.weights[rows.weightOffsets[row]..<rows.weightOffsets[row + 1]] {
                for i in 0..<rowLength { sums[i] &+= Int32(narrow[source + i]) &* weight }
                source += rowLength
            }
            for i in 0..<rowLength { result[row * rowLength + i] = byte(sums[i]) }
        }
        return result
    }
}
