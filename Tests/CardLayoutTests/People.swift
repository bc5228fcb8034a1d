/// Invented people; the area 990101 belongs to nobody.
enum People {
    /// The check characters were computed by hand from GB 11643 and from the weights of the card number (3 7 9 10 5 8 4 2).
    static let person: [String: String] = [
        "identificationCode": "990101D156000005000000010A0B0C0D",
        "cardClass": "3", "initializingInstitution": "915600000299010199010101", "issueDate": "20240229",
        "expiryDate": "20340228", "cardNumber": "X00000019", "citizenNumber": "990101199003071237",
        "name": "张三丰", "sex": "1", "ethnicGroup": "01", "birthPlace": "990101", "birthDate": "19900307",
    ]
}
