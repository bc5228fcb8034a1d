import ByteText
public import CardData
public import Registry

extension PersonRecord {
    /// The row of a person as the registry has them, always the same for the same person.
    ///
    /// - Parameter photo: the bytes of a picture, where the card bears one.
    public init(of person: Person, photo: [UInt8]? = nil) {
        var values = [
            "citizenNumber": person.number.text, "name": person.name.text, "sex": person.sex.code,
            "ethnicGroup": person.ethnicGroup.code, "birthDate": person.birthDate.text,
            "birthPlace": person.birthPlace,
        ]
        if let photo { values["photo"] = photo.hexadecimal }
        self.init(values: values, place: SourcePlace(file: "登记 registry", line: 1))
    }
}
