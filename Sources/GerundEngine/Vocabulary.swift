package import XCLIP

/// Labels and background phrases, with what the model knows of their texts before it sees a window.
///
/// A value: who compares a window with it is not disturbed by whoever makes the next one.
package struct Vocabulary: Sendable {
    package let labels: LabelSet
    /// One row for each of ``LabelSet/texts``.
    package let text: TextFeatures

    package init(labels: LabelSet, text: TextFeatures) {
        self.labels = labels
        self.text = text
    }

    /// The texts of other labels that are not known here.
    package func unknownTexts(of labels: LabelSet) -> [String] {
        let known = Set(self.labels.texts)
        return labels.texts.filter { !known.contains($0) }
    }

    /// The vocabulary of other labels: what is known of a text is kept.
    ///
    /// - Parameter added: What is known of ``unknownTexts(of:)``; `nil` when there are none.
    package func changed(to labels: LabelSet, adding added: TextFeatures?) -> Vocabulary {
        let texts = self.labels.texts + self.unknownTexts(of: labels)
        let rows = Dictionary(uniqueKeysWithValues: zip(texts, texts.indices))
        let text = added.map(self.text.appending) ?? self.text
        return Vocabulary(labels: labels, text: text.selecting(labels.texts.compactMap { rows[$0] }))
    }
}
