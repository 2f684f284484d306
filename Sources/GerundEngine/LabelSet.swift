import GerundCheckpoint
import XCLIP

/// The texts that are compared with every window: the labels, and the background phrases for when nothing of them
/// happens.
public struct LabelSet: Sendable, Hashable {
    /// What is recognised.
    public let labels: [String]
    /// What nothing looks like; never empty.
    public let background: [String]

    /// More would be a mistake in the file: the largest action vocabularies have some hundreds.
    public static let maximumCount = 4096

    /// Stands in when neither the user nor the model names background phrases.
    public static let defaultBackground = ["nothing is happening", "an empty scene", "a person standing still"]

    /// - Parameters:
    ///   - labels: What the user asked for; empty for the model's own.
    ///   - background: Likewise.
    /// - Throws: ``ModelError`` `labels` when there is no label, there are too many, or one is reserved, too long for
    ///   the model, or wanted and background at once.
    public init(labels: [String], background: [String], for model: RecognitionModel) throws(ModelError) {
        let wanted = Self.unique(labels.isEmpty ? model.defaults.labels : labels)
        guard !wanted.isEmpty else {
            throw ModelError(
                code: .labels,
                message: "no labels: name what to recognize with --label TEXT or --labels FILE (the model "
                    + "'\(model.name)' has none of its own)")
        }
        if let label = wanted.first(where: background.contains) {
            throw ModelError(
                code: .labels, message: "'\(Self.excerpt(label))' is both a label and a background phrase: drop one")
        }
        // A phrase of the model's own background that the user wants to recognize stops being background.
        let usual = model.defaults.background.isEmpty ? Self.defaultBackground : model.defaults.background
        var phrases = Self.unique(background.isEmpty ? usual : background).filter { !wanted.contains($0) }
        if phrases.isEmpty { phrases = Self.defaultBackground.filter { !wanted.contains($0) } }
        self.labels = wanted
        self.background = phrases
        guard !phrases.isEmpty else {
            throw ModelError(
                code: .labels, message: "every usual background phrase is a label: name others with --background")
        }
        guard self.texts.count <= Self.maximumCount else {
            throw ModelError(
                code: .labels,
                message: "\(wanted.count) labels and \(phrases.count) background phrases: at most "
                    + "\(Self.maximumCount) together")
        }
        for text in self.texts { try Self.check(text, for: model) }
    }

    /// All texts: the labels, then the background phrases.
    public var texts: [String] { self.labels + self.background }

    private static func check(_ text: String, for model: RecognitionModel) throws(ModelError) {
        guard !text.allSatisfy(\.isWhitespace) else {
            throw ModelError(code: .labels, message: "a label is empty: give it a text")
        }
        guard text != "none" else {
            throw ModelError(code: .labels, message: "'none' is what Gerund says when no label fits: choose another")
        }
        let breaking: Set<Unicode.GeneralCategory> = [.control, .lineSeparator, .paragraphSeparator]
        guard !text.unicodeScalars.contains(where: { breaking.contains($0.properties.generalCategory) }) else {
            throw ModelError(
                code: .labels, message: "label '\(Self.excerpt(text))' contains a line break or control character")
        }
        // Far fewer bytes than this make too many tokens in any language; a novel need not be cut into them.
        let limit = model.tokenizer.maximumLength
        let tokens = text.utf8.count > 64 * limit ? nil : model.tokenizer.tokenCount(of: text)
        guard let tokens, tokens <= limit else {
            throw ModelError(
                code: .labels,
                message: "label '\(Self.excerpt(text))' of \(text.count) characters is too long: the model reads "
                    + "\(limit) tokens\(tokens.map { ", this has \($0)" } ?? "")")
        }
    }

    private static func unique(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }

    /// The beginning of a text on one line, for messages.
    private static func excerpt(_ text: String) -> String {
        let line = String(text.map { $0.isNewline ? " " : $0 }.prefix(40))
        return line.count < text.count ? line + "…" : line
    }
}
