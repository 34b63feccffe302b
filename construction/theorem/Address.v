(** ADDRESS: the squares of the head's position and of the cell written. The gadget [square] of gadgets.py. *)
From Coq Require Import List QArith ZArith Bool Lia Lqa PeanoNat Setoid Morphisms.
From Tapehead Require Import Sums Transformer Machine Vocabulary BaseNetwork Ledger Embedding Stream Locate.
Import ListNotations.
Open Scope Q_scope.

Section Address.
  Context {nQ nS k : nat} {cd : code} {beta M L K g : Q}.
  Notation wf := (wf nQ nS k).
  Notation rc := (map (rows cd)).
  Notation r0 := (@r0 nQ nS k cd beta M L K g).
  Notation x0 := (@x0 nQ nS k cd beta M L K g).
  Notation r1 := (@r1 nQ nS k cd beta M L K g).
  Notation x1 := (@x1 nQ nS k cd beta M L K g).
  Definition r2 := after_block dir_dec r1 (address k M).
  Definition x2 c := r2 (rc c).

  Lemma targets_address d : In d (targets (address k M)) -> match d with HeadSq _ | CellSq _ => True | _ => False end.
  Proof.
    unfold targets. rewrite in_app_iff, !in_flat_map. cbn [address heads units].
    intros [(h & Ih & I)|(u & Iu & I)].
    - apply in_map_iff in Ih as (i & <- & _). destruct I.
    - apply in_flat_map in Iu as (i & _ & Iu). cbn in Iu.
      destruct Iu as [<-|[<-|[<-|[<-|[]]]]]; cbn in I; destruct I as [<-|[]]; exact Logic.I.
  Qed.

  Lemma x2_unchanged c d : match d with HeadSq _ | CellSq _ => False | _ => True end -> x2 c d == x1 c d.
  Proof. intros H. unfold x2, r2. rewrite unchanged; [reflexivity|]. intros I. apply targets_address in I. now destruct d. Qed.

  Lemma squares x : relu x * x + relu (- x) * (- x) == x * x.
  Proof. destruct (Qlt_le_dec x 0); [rewrite (relu_neg x), (relu_pos (- x)) by lra | rewrite (relu_pos x), (relu_neg (- x)) by lra]; ring. Qed.

  Lemma after_address_attention c d : after_attention dir_dec (address k M) r1 (rc c) d == x1 c d.
  Proof.
    unfold after_attention. fold (x1 c). rewrite sum_zero; [ring|]. intros h Ih. cbn [address heads] in Ih.
    apply in_map_iff in Ih as (j & <- & _). reflexivity.
  Qed.

  Lemma square_units (y : vec) x d z : y x == z + M -> y One == 1 ->
    sum (fun u => coeff dir_dec (out u) d * (relu (dot (gate u) y) * dot (times u) y)) (square M x d) == z * z.
  Proof.
    intros Ex E1. unfold square. cbn [sum fold_right out gate times].
    assert (Ed : coeff dir_dec [(d, 1)] d == 1) by (directions; ring). rewrite Ed.
    assert (P : dot [(x, 1); (One, - M)] y == z) by (unfold dot, sum; cbn [fold_right fst snd]; rewrite Ex, E1; ring).
    assert (P' : dot [(x, - (1)); (One, M)] y == - z) by (unfold dot, sum; cbn [fold_right fst snd]; rewrite Ex, E1; ring).
    rewrite P, P'. rewrite <- (squares z). ring.
  Qed.

  Lemma square_units_other (y : vec) x d d' : d <> d' ->
    sum (fun u => coeff dir_dec (out u) d' * (relu (dot (gate u) y) * dot (times u) y)) (square M x d) == 0.
  Proof.
    intros H. unfold square. cbn [sum fold_right out gate times].
    assert (Ed : coeff dir_dec [(d, 1)] d' == 0) by (directions; ring). rewrite Ed. ring.
  Qed.

  Lemma x2_head_sq c i : wf c -> (i < k)%nat ->
    x2 c (HeadSq i) == inject_Z (head_at (config_of c) i) * inject_Z (head_at (config_of c) i).
  Proof.
    intros W Hi. unfold x2, r2, after_block. rewrite after_address_attention.
    rewrite (x1_unchanged c (HeadSq i)), x0_computed by easy.
    unfold feed_forward. cbn [address units]. rewrite sum_flat_map, (sum_single _ _ i (NoDup_tapes k) (in_tapes k i Hi)).
    - rewrite sum_app. rewrite (square_units_other _ (Cell i)) by discriminate.
      rewrite (square_units _ (HeadPos i) (HeadSq i) (inject_Z (head_at (config_of c) i))).
      + ring.
      + rewrite after_address_attention. now apply x1_head.
      + rewrite after_address_attention. now apply x1_one.
    - intros j _ Nj. rewrite sum_app, !square_units_other by congruence. ring.
  Qed.

  Lemma x2_cell_sq c i : wf c -> (i < k)%nat -> size c <= L ->
    x2 c (CellSq i) == inject_Z (cell_of i c) * inject_Z (cell_of i c).
  Proof.
    intros W Hi HL. unfold x2, r2, after_block. rewrite after_address_attention.
    rewrite (x1_unchanged c (CellSq i)), x0_computed by easy.
    unfold feed_forward. cbn [address units]. rewrite sum_flat_map, (sum_single _ _ i (NoDup_tapes k) (in_tapes k i Hi)).
    - rewrite sum_app. rewrite (square_units_other _ (HeadPos i)) by discriminate.
      rewrite (square_units _ (Cell i) (CellSq i) (inject_Z (cell_of i c))).
      + ring.
      + rewrite after_address_attention. now apply x1_cell.
      + rewrite after_address_attention. now apply x1_one.
    - intros j _ Nj. rewrite sum_app, !square_units_other by congruence. ring.
  Qed.
End Address.
