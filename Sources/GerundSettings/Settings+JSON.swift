public import GerundCore

extension Settings {
    /// Creates the settings of a model from `gerund.json` in its directory.
    ///
    /// The keys, types and ranges are those of configuration files.
    ///
    /// - Parameters:
    ///   - json: The members of the file; `nil` if the model has none.
    ///   - path: The path of the file, for messages.
    /// - Throws: ``SettingsError`` `invalidModelSettings` for an unknown key, and for a value of the wrong type or out
    ///   of range: ignoring a setting would be worse than refusing the file.
    public init(modelJSON json: JSONObject?, path: String) throws(SettingsError) {
        self.init()
        let location = SettingLocation(path: path)
        let known = SettingsTable.shared.settings(in: .model)
        for name in json?.names ?? [] {
            guard let setting = known.first(where: { $0.key == name }) else {
                throw SettingsError(
                    .invalidModelSettings, at: location, SettingsFile.message(forKey: name, known: known))
            }
            guard let value = json?[name] else { continue }
            do {
                self.assign(try setting.readJSON(value), at: location)
            } catch {
                throw SettingsError(
                    .invalidModelSettings, at: location, error.message(key: name, found: value.shortDescription))
            }
        }
        if let message = LabelThresholds(start: self.startThreshold, end: self.endThreshold).conflict {
            throw SettingsError(.invalidModelSettings, at: location, message)
        }
    }
}
