public import CardLayout

/// How applications of a GlobalPlatform card differ from directories when they are read.
extension COSProfile {
    /// The name that selects a directory: its instance's where the profile gives one, else its own; nil for none.
    public func selectionName(of directory: Directory) -> [UInt8]? {
        globalPlatform?.application(of: directory.name)?.instance ?? directory.dedicatedFileName
    }

    /// Le of READ RECORD for a record of so many bytes: a template around it makes it longer.
    public func length(ofRecord length: Int) -> Int {
        globalPlatform?.storeData.recordTemplate == nil ? length : 0
    }

    /// The record in what READ RECORD answered: what stands in the profile's template, or the answer itself.
    public func record(in answer: [UInt8]) -> [UInt8] {
        guard let template = globalPlatform?.storeData.recordTemplate, answer.first == template else { return answer }
        let isLong = answer.count > 1 && answer[1] == 0x81
        return Array(answer.dropFirst(isLong ? 3 : 2))
    }
}
