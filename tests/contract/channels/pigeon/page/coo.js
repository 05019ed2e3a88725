document.title = "Coo";
