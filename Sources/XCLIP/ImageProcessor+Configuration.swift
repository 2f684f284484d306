public import FoundationEssentials

extension ImageProcessor {
    /// Follows a `preprocessor_config.json`, or the `image_processor` part of a `processor_config.json`.
    ///
    /// What the file leaves out is as in `VideoMAEImageProcessor`: shorter edge 224, bilinear, crop 224x224, bytes to
    /// 0...1, mean and deviation 0.5 (the published files give those of ImageNet).
    ///
    /// - Parameter json: The file.
    /// - Throws: ``ImageProcessorError``, of any code.
    public init(configuration json: Data) throws(ImageProcessorError) {
        let settings: PreprocessorSettings
        do {
            let decoder = JSONDecoder()
            settings =
                try decoder.decode(ProcessorFile.self, from: json).imageProcessor
                ?? decoder.decode(PreprocessorSettings.self, from: json)
        } catch {
            throw ImageProcessorError(code: .malformed, message: Self.message(for: error))
        }

        let number = settings.resample ?? Resampling.bilinear.rawValue
        guard let resampling = Resampling(rawValue: number) else {
            let names = [0: "nearest", 1: "Lanczos", 4: "box", 5: "Hamming"]
            throw ImageProcessorError(
                code: .unsupported,
                message: "'resample' \(number)\(names[number].map { " (\($0))" } ?? "") is not supported, "
                    + "only 2 (bilinear) and 3 (bicubic)")
        }
        guard settings.doResize ?? true else {
            throw ImageProcessorError(
                code: .unsupported, message: "'do_resize' false is not supported: pictures have to be scaled")
        }
        let scaling = try settings.scaling
        let crop = try settings.crop(of: scaling)
        try self.init(
            scaling: scaling, resampling: resampling, width: crop.width, height: crop.height,
            normalization: settings.normalization)
    }

    private static func message(for error: any Error) -> String {
        guard let error = error as? DecodingError else { return "this is not JSON" }
        switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context):
            let keys = context.codingPath.map(\.stringValue).joined(separator: ".")
            return keys.isEmpty ? "an object was expected" : "'\(keys)' has a value of the wrong type"
        case .dataCorrupted(let context):
            let keys = context.codingPath.map(\.stringValue).joined(separator: ".")
            return keys.isEmpty ? "this is not JSON, or a number in it is out of range" : "'\(keys)' is out of range"
        @unknown default: return "this is not JSON"
        }
    }
}

/// `processor_config.json` of newer transformers keeps all processors in one file.
private struct ProcessorFile: Decodable {
    var imageProcessor: PreprocessorSettings?

    enum CodingKeys: String, CodingKey { case imageProcessor = "image_processor" }
}

/// The keys of `preprocessor_config.json` that change the numbers.
private struct PreprocessorSettings: Decodable {
    var doResize: Bool?
    var size: Size?
    var resample: Int?
    var doCenterCrop: Bool?
    var cropSize: Size?
    var doRescale: Bool?
    var rescaleFactor: Double?
    var doNormalize: Bool?
    var imageMean: [Float]?
    var imageStd: [Float]?

    enum CodingKeys: String, CodingKey {
        case doResize = "do_resize"
        case size, resample
        case doCenterCrop = "do_center_crop"
        case cropSize = "crop_size"
        case doRescale = "do_rescale"
        case rescaleFactor = "rescale_factor"
        case doNormalize = "do_normalize"
        case imageMean = "image_mean"
        case imageStd = "image_std"
    }

    /// A number, or an object with one or two.
    struct Size: Decodable {
        var shortestEdge: Int?
        var longestEdge: Int?
        var height: Int?
        var width: Int?

        enum CodingKeys: String, CodingKey {
            case shortestEdge = "shortest_edge"
            case longestEdge = "longest_edge"
            case height, width
        }

        init(from decoder: any Decoder) throws {
            if let edge = try? decoder.singleValueContainer().decode(Int.self) {
                self.shortestEdge = edge
            } else {
                let container = try decoder.container(keyedBy: CodingKeys.self)
                self.shortestEdge = try container.decodeIfPresent(Int.self, forKey: .shortestEdge)
                self.longestEdge = try container.decodeIfPresent(Int.self, forKey: .longestEdge)
                self.height = try container.decodeIfPresent(Int.self, forKey: .height)
                self.width = try container.decodeIfPresent(Int.self, forKey: .width)
            }
        }
    }

    var scaling: ImageProcessor.Scaling {
        get throws(ImageProcessorError) {
            guard let size = self.size else { return .shorterEdge(224) }
            if let edge = size.shortestEdge, size.longestEdge == nil { return .shorterEdge(edge) }
            if let width = size.width, let height = size.height { return .stretched(width: width, height: height) }
            throw ImageProcessorError(
                code: .unsupported,
                message: "'size' has to be a number, a 'shortest_edge' alone, or a 'height' and a 'width'")
        }
    }

    func crop(of scaling: ImageProcessor.Scaling) throws(ImageProcessorError) -> (width: Int, height: Int) {
        guard self.doCenterCrop ?? true else {
            guard case .stretched(let width, let height) = scaling else {
                throw ImageProcessorError(
                    code: .unsupported,
                    message: "'do_center_crop' false is not supported: pictures would differ in size")
            }
            return (width, height)
        }
        guard let size = self.cropSize else { return (224, 224) }
        if let edge = size.shortestEdge { return (edge, edge) }
        if let width = size.width, let height = size.height { return (width, height) }
        throw ImageProcessorError(
            code: .unsupported, message: "'crop_size' has to be a number, or a 'height' and a 'width'")
    }

    var normalization: PixelNormalization {
        get throws(ImageProcessorError) {
            let factor = self.doRescale ?? true ? Float(self.rescaleFactor ?? 1 / 255) : 1
            guard factor.isFinite, factor > 0 else {
                throw ImageProcessorError(
                    code: .invalidValue, message: "'rescale_factor' has to be above 0, found \(factor)")
            }
            guard self.doNormalize ?? true else {
                return PixelNormalization(rescaleFactor: factor, mean: [0, 0, 0], standardDeviation: [1, 1, 1])
            }
            let mean = self.imageMean ?? [0.5, 0.5, 0.5]
            let deviation = self.imageStd ?? [0.5, 0.5, 0.5]
            guard mean.count == 3, mean.allSatisfy(\.isFinite) else {
                throw ImageProcessorError(
                    code: .invalidValue, message: "'image_mean' has to be three numbers, found \(mean)")
            }
            guard deviation.count == 3, deviation.allSatisfy({ $0.isFinite && $0 > 0 }) else {
                throw ImageProcessorError(
                    code: .invalidValue, message: "'image_std' has to be three numbers above 0, found \(deviation)")
            }
            return PixelNormalization(rescaleFactor: factor, mean: mean, standardDeviation: deviation)
        }
    }
}
