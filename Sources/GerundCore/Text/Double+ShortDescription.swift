extension Double {
    /// The shortest decimal text that reads back as this value, without the `.0` of whole numbers: `0.1`, `3600`.
    package var shortDescription: String {
        Int(exactly: self).map(String.init) ?? "\(self)"
    }
}
