print("gerund")
