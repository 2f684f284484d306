public import GerundCore

extension ImageProcessor {
    /// Creates the image processor that a `preprocessor_config.json`, or the `image_processor` section of a
    /// `processor_config.json`, describes.
    ///
    /// Absent keys take the defaults of `VideoMAEImageProcessor`: shortest edge 224, bilinear, crop 224x224, bytes
    /// rescaled to 0...1, mean and standard deviation 0.5 (the published files contain those of ImageNet).
    ///
    /// - Parameter json: The file's top-level object.
    /// - Throws: ``ImageProcessorError``, with any code.
    public init(json: JSONObject) throws(ImageProcessorError) {
        do {
            // As in transformers, a null is the same as an absent key.
            let root = JSONReader(json, acceptsNull: true)
            try self.init(root.object("image_processor") ?? root)
        } catch let error as JSONValueError {
            throw ImageProcessorError(code: .invalidValue, message: error.message)
        } catch let error as ImageProcessorError {
            throw error
        } catch {
            throw ImageProcessorError(code: .invalidValue, message: "\(error)")
        }
    }

    private init(_ settings: JSONReader) throws {
        let number = try settings.integer("resample") ?? Resampling.bilinear.rawValue
        guard let resampling = Resampling(rawValue: number) else {
            let names = [0: "nearest", 1: "Lanczos", 4: "box", 5: "Hamming"]
            throw ImageProcessorError(
                code: .unsupported,
                message: "'resample' must be 2 (bilinear) or 3 (bicubic), found \(number)"
                    + (names[number].map { " (\($0))" } ?? ""))
        }
        guard try settings.boolean("do_resize") ?? true else {
            throw ImageProcessorError(
                code: .unsupported, message: "'do_resize' must be true: images of any size must fit the model")
        }
        let scaling = try settings.scaling()
        let crop = try settings.crop(after: scaling)
        try self.init(
            scaling: scaling, resampling: resampling, width: crop.width, height: crop.height,
            normalization: settings.normalization())
    }
}

/// A size as image processors write it: an integer, or an object with one or two edges.
private struct SizeSetting {
    var shortestEdge, longestEdge, height, width: Int?
}

extension JSONReader {
    private func size(_ key: String) throws(JSONValueError) -> SizeSetting? {
        guard let value = self.value(key) else { return nil }
        if value.double != nil { return SizeSetting(shortestEdge: try self.integer(key)) }
        guard value.object != nil, let size = try self.object(key) else {
            throw self.invalidValue(key, expected: "an integer or an object")
        }
        return SizeSetting(
            shortestEdge: try size.integer("shortest_edge"), longestEdge: try size.integer("longest_edge"),
            height: try size.integer("height"), width: try size.integer("width"))
    }

    fileprivate func scaling() throws -> ImageProcessor.Scaling {
        guard let size = try self.size("size") else { return .shortestEdge(224) }
        if let edge = size.shortestEdge, size.longestEdge == nil { return .shortestEdge(edge) }
        if let width = size.width, let height = size.height { return .exact(width: width, height: height) }
        throw ImageProcessorError(
            code: .unsupported,
            message: "'size' must be an integer, a 'shortest_edge' alone, or a 'height' and a 'width'")
    }

    fileprivate func crop(after scaling: ImageProcessor.Scaling) throws -> (width: Int, height: Int) {
        guard try self.boolean("do_center_crop") ?? true else {
            guard case .exact(let width, let height) = scaling else {
                throw ImageProcessorError(
                    code: .unsupported, message: "'do_center_crop' must be true: images must have one size")
            }
            return (width, height)
        }
        guard let size = try self.size("crop_size") else { return (224, 224) }
        if let edge = size.shortestEdge { return (edge, edge) }
        if let width = size.width, let height = size.height { return (width, height) }
        throw ImageProcessorError(
            code: .unsupported, message: "'crop_size' must be an integer, or a 'height' and a 'width'")
    }

    fileprivate func normalization() throws -> PixelNormalization {
        let factor =
            try self.boolean("do_rescale") ?? true ? Float(self.number("rescale_factor") ?? 1 / 255) : 1
        guard factor.isFinite, factor > 0 else {
            throw ImageProcessorError(
                code: .invalidValue, message: "'rescale_factor' must be a number above 0, found \(factor)")
        }
        guard try self.boolean("do_normalize") ?? true else {
            return PixelNormalization(rescaleFactor: factor, mean: [0, 0, 0], standardDeviation: [1, 1, 1])
        }
        let mean = try self.numbers("image_mean")?.map(Float.init) ?? [0.5, 0.5, 0.5]
        let deviation = try self.numbers("image_std")?.map(Float.init) ?? [0.5, 0.5, 0.5]
        guard mean.count == 3, mean.allSatisfy(\.isFinite) else {
            throw ImageProcessorError(
                code: .invalidValue, message: "'image_mean' must be three numbers, found \(mean)")
        }
        guard deviation.count == 3, deviation.allSatisfy({ $0.isFinite && $0 > 0 }) else {
            throw ImageProcessorError(
                code: .invalidValue, message: "'image_std' must be three numbers above 0, found \(deviation)")
        }
        return PixelNormalization(rescaleFactor: factor, mean: mean, standardDeviation: deviation)
    }
}
